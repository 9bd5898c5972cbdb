package io.github.videoquery.upstream;

import io.github.videoquery.dialect.ReplyClassifier;
import io.github.videoquery.file.FileWatch;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.opentelemetry.api.OpenTelemetry;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Wires the client that talks to the provider. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(UpstreamProperties.class)
class UpstreamConfiguration {
  @Bean
  CallDeadlines callDeadlines(TimeSource time) {
    return new CallDeadlines(time);
  }

  /**
   * One thread for every two processors: calling is less than half of a query's work, and busier
   * threads park and wake up less often.
   */
  @Bean(destroyMethod = "dispose")
  LoopResources upstreamThreads() {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return LoopResources.create("upstream", threads, true);
  }

  @Bean(destroyMethod = "dispose")
  ConnectionProvider upstreamConnections(UpstreamProperties properties) {
    int accounts = properties.accountsByPrefix().size();
    return ConnectionProvider.builder("upstream")
        .maxConnections(accounts * properties.maxConcurrentCalls()) // some may share a host
        .pendingAcquireMaxCount(-1) // the bulkhead limits the queue
        .maxIdleTime(properties.maxIdleTime())
        .maxLifeTime(properties.maxLifeTime())
        .evictInBackground(properties.maxIdleTime())
        .lifo()
        .metrics(true)
        .build();
  }

  @Bean
  LargestBody largestBody(UpstreamProperties properties) {
    return new LargestBody(properties.maxBodySize());
  }

  @Bean
  AddressHealth addressHealth(TimeSource time) {
    return new AddressHealth(time);
  }

  @Bean
  ProviderAddresses providerAddresses(
      LoopResources upstreamThreads,
      UpstreamProperties properties,
      AddressHealth health,
      TimeSource time) {
    return new ProviderAddresses(
        upstreamThreads,
        DnsServerAddressStreamProviders.platformDefault(),
        new AddressTimeouts(
            properties.connectTimeout(), properties.callTimeout(), properties.dnsMaxTtl()),
        new HostsFile(properties.dnsMaxTtl(), time),
        health);
  }

  @Bean
  @Order(1)
  InfoContributor providerInfo(UpstreamProperties properties) {
    return info ->
        info.withDetail(
            "provider",
            properties.accountsByPrefix().values().stream()
                .map(account -> account.endpoint() + " (account " + account.name() + ")")
                .collect(Collectors.joining(" and ")));
  }

  @Bean
  ProviderClient upstreamClient(
      UpstreamProperties properties,
      ConnectionProvider upstreamConnections,
      LoopResources upstreamThreads,
      ProviderAddresses addresses,
      AddressHealth addressHealth,
      CallDeadlines deadlines,
      SslBundles sslBundles,
      BodyMemory bodyMemory,
      @Nullable OpenTelemetry openTelemetry,
      MeterRegistry registry,
      Environment environment,
      FileWatch watch,
      TimeSource time) {
    var clients =
        new ProviderHttpClients(
            properties, upstreamConnections, upstreamThreads, addresses, addressHealth, time);
    var bodies = new BodyReader(properties.maxBodySize(), bodyMemory);
    var drift = new DriftAlarm(registry);
    MeterProvider<Timer> requests =
        Timer.builder("gateway.upstream.requests")
            .description("Calls to the provider, by what came of them")
            .withRegistry(registry);
    List<Account> accounts =
        properties.accountsByPrefix().entrySet().stream()
            .map(
                entry -> {
                  String prefix = entry.getKey();
                  AccountProperties account = entry.getValue().check(prefix);
                  String name = Objects.requireNonNull(account.name());
                  return new Account(
                      account,
                      new ProviderCall(
                          account,
                          clients.of(prefix, account, sslBundles, openTelemetry),
                          bodies,
                          deadlines,
                          new ReplyClassifier(
                              Objects.requireNonNullElse(account.dialect(), DialectProperties.NONE)
                                  .dialect(prefix)),
                          drift,
                          time),
                      new Keys(prefix, account, registry, watch, time),
                      new FairRateLimiter(account.maxRate(), time),
                      new Bulkhead(properties.maxConcurrentCalls(), time),
                      new Breaker(name, registry, time),
                      new CallTimers(name, requests),
                      time);
                })
            .toList();
    UnusedProxy.warnOf(environment, properties.accountsByPrefix().values());
    return new ProviderClient(accounts, properties);
  }
}
