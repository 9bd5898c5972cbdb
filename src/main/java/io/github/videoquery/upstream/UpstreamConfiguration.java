package io.github.videoquery.upstream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.channel.ChannelOption;
import io.opentelemetry.api.OpenTelemetry;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Wires the client that talks to the provider. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(UpstreamProperties.class)
class UpstreamConfiguration {
  @Bean(destroyMethod = "dispose")
  ConnectionProvider upstreamConnections(UpstreamProperties properties) {
    return ConnectionProvider.builder("upstream")
        .maxConnections(properties.maxConcurrentCalls())
        .pendingAcquireMaxCount(-1) // the bulkhead has its own bound
        .maxIdleTime(properties.maxIdleTime())
        .maxLifeTime(properties.maxLifeTime())
        .evictInBackground(properties.maxIdleTime())
        .lifo()
        .metrics(true)
        .build();
  }

  @Bean
  UpstreamClient upstreamClient(
      UpstreamProperties properties,
      ConnectionProvider upstreamConnections,
      @Nullable OpenTelemetry openTelemetry,
      MeterRegistry registry) {
    HttpClient httpClient =
        HttpClient.create(upstreamConnections)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(properties.connectTimeout().toMillis()))
            .responseTimeout(properties.responseTimeout())
            .disableRetry(true)
            .followRedirect(false)
            .compress(true)
            .resolver(resolver -> resolver.cacheMaxTimeToLive(properties.dnsMaxTtl()));
    WebClient.Builder builder =
        WebClient.builder()
            .clientConnector(new LoggedConnector(new ReactorClientHttpConnector(httpClient)))
            .defaultHeader(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE)
            .defaultHeader(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE)
            .defaultHeader(HttpHeaders.USER_AGENT, "video-query-gateway");
    if (openTelemetry != null) {
      builder.filter(new CallTraces(openTelemetry));
    }
    Timer.Builder requests =
        Timer.builder("gateway.upstream.requests")
            .description("Calls to the provider, by what came of them");
    return new UpstreamClient(
        builder.build(),
        new UpstreamKeys(properties, registry, System::nanoTime),
        new UpstreamBulkhead(properties.maxConcurrentCalls()),
        new UpstreamBreaker(registry),
        requests.withRegistry(registry),
        properties);
  }
}
