package io.github.videoquery.upstream;

import io.github.videoquery.dialect.ReplyClassifier;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.NoopAddressResolverGroup;
import io.opentelemetry.api.OpenTelemetry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

/** Wires the client that talks to the provider. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(UpstreamProperties.class)
class UpstreamConfiguration {
  private static final Logger log = LoggerFactory.getLogger(UpstreamConfiguration.class);

  @Bean
  CallDeadlines callDeadlines(TimeSource time) {
    return new CallDeadlines(time);
  }

  /**
   * Threads for half of the processors: calling is less than half of a question's work, and a
   * thread that has more to do goes to sleep, and has to be woken, less often.
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
        .pendingAcquireMaxCount(-1) // the bulkhead has its own bound
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
        properties.connectTimeout(),
        properties.dnsMaxTtl(),
        new HostsFile(properties.dnsMaxTtl(), time),
        health);
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
      TimeSource time) {
    TwoClients plain =
        new TwoClients(HttpClient.create(upstreamConnections), HttpClient.newConnection())
            .with(client -> httpClient(client, properties, upstreamThreads, addresses));
    Duration responseTimeout = properties.responseTimeout();
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
                  log.info("Tasks are asked about at {} (account {})", account.endpoint(), name);
                  var times = new ResponseTimes(time);
                  TwoClients clients =
                      plain.with(
                          client -> guarded(client, responseTimeout, times, addressHealth, time));
                  return new Account(
                      account,
                      new ProviderCall(
                              account,
                              clients(prefix, account, clients, sslBundles, openTelemetry),
                              bodies,
                              deadlines,
                              new ReplyClassifier(
                                  Objects.requireNonNullElse(
                                          account.dialect(), DialectProperties.NONE)
                                      .dialect(prefix)),
                              drift,
                              time)
                          ::make,
                      new Keys(prefix, account, registry, time),
                      new FairRateLimiter(account.maxRate(), time),
                      new Bulkhead(properties.maxConcurrentCalls(), time),
                      new Breaker(name, registry, time),
                      requests,
                      time);
                })
            .toList();
    return new ProviderClient(accounts, properties);
  }

  /** Over pooled connections, and over a new one for each request. */
  private record TwoClients(HttpClient pooled, HttpClient fresh) {
    TwoClients with(UnaryOperator<HttpClient> change) {
      return new TwoClients(change.apply(pooled), change.apply(fresh));
    }

    ProviderCall.Clients webClients(@Nullable OpenTelemetry openTelemetry) {
      return new ProviderCall.Clients(
          webClient(pooled, openTelemetry), webClient(fresh, openTelemetry));
    }
  }

  private static HttpClient httpClient(
      HttpClient plain,
      UpstreamProperties properties,
      LoopResources threads,
      ProviderAddresses addresses) {
    HttpClient client =
        plain
            .runOn(threads)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(properties.connectTimeout().toMillis()))
            .disableRetry(true)
            .followRedirect(false)
            .compress(true)
            .headers(
                headers ->
                    headers
                        .set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE)
                        .set(HttpHeaders.USER_AGENT, "video-query-gateway"));
    URI proxy = properties.proxyAddress();
    return proxy == null
        ? client.resolver(addresses)
        : client
            .resolver(NoopAddressResolverGroup.INSTANCE) // the proxy knows names we may not
            .proxy(spec -> through(spec, proxy, properties));
  }

  private static HttpClient guarded(
      HttpClient client,
      Duration responseTimeout,
      ResponseTimes times,
      AddressHealth health,
      TimeSource time) {
    return client.doOnChannelInit(
        (observer, channel, address) ->
            channel
                .pipeline()
                .replace(
                    NettyPipeline.HttpCodec,
                    NettyPipeline.HttpCodec,
                    new GuardedCodec(responseTimeout, times, health, time)));
  }

  private static void through(
      ProxyProvider.TypeSpec spec, URI proxy, UpstreamProperties properties) {
    ProxyProvider.Builder builder =
        spec.type(ProxyProvider.Proxy.HTTP)
            .host(proxy.getHost())
            .port(proxy.getPort())
            .connectTimeoutMillis(properties.connectTimeout().toMillis());
    if (proxy.getUserInfo() != null) {
      String[] credentials = proxy.getUserInfo().split(":", 2);
      builder.username(credentials[0]).password(user -> credentials[1]);
    }
  }

  private static Supplier<ProviderCall.Clients> clients(
      String prefix,
      AccountProperties account,
      TwoClients clients,
      SslBundles sslBundles,
      @Nullable OpenTelemetry openTelemetry) {
    String bundleName = account.sslBundle();
    if (bundleName == null || bundleName.isEmpty()) {
      ProviderCall.Clients webClients = clients.webClients(openTelemetry);
      return () -> webClients;
    }
    Function<SslBundle, ProviderCall.Clients> secured =
        bundle -> clients.with(client -> secured(client, bundle)).webClients(openTelemetry);
    try {
      var current = new AtomicReference<>(secured.apply(sslBundles.getBundle(bundleName)));
      sslBundles.addBundleUpdateHandler(bundleName, updated -> current.set(secured.apply(updated)));
      return current::get;
    } catch (NoSuchSslBundleException e) {
      throw new InvalidConfigurationPropertyValueException(
          prefix + "ssl-bundle",
          bundleName,
          "Define it: spring.ssl.bundle.pem." + bundleName + ".truststore.certificate=…");
    }
  }

  private static WebClient webClient(HttpClient httpClient, @Nullable OpenTelemetry openTelemetry) {
    WebClient.Builder builder =
        WebClient.builder()
            .clientConnector(new LoggedConnector(new ReactorClientHttpConnector(httpClient)))
            .defaultHeader(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE);
    if (openTelemetry != null) {
      builder.filter(new CallTraces(openTelemetry));
    }
    return builder.build();
  }

  private static HttpClient secured(HttpClient httpClient, SslBundle bundle) {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .keyManager(bundle.getManagers().getKeyManagerFactory())
              .trustManager(bundle.getManagers().getTrustManagerFactory())
              .protocols(bundle.getOptions().getEnabledProtocols());
      if (bundle.getOptions().getCiphers() != null) {
        builder.ciphers(List.of(bundle.getOptions().getCiphers()));
      }
      SslContext context = builder.build();
      return httpClient.secure(spec -> spec.sslContext(context));
    } catch (SSLException e) {
      throw new IllegalStateException("The SSL bundle cannot be used", e);
    }
  }
}
