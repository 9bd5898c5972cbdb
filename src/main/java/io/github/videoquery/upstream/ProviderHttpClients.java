package io.github.videoquery.upstream;

import io.github.videoquery.http.BundleTls;
import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.time.TimeSource;
import io.netty.channel.ChannelOption;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * The HTTP clients of accounts: reactor-netty below WebClient, with the guarded codec, a proxy and
 * TLS as configured.
 */
final class ProviderHttpClients {
  private final TwoClients plain;
  private final ProviderAddresses addresses;
  private final Duration connectTimeout;
  private final Duration responseTimeout;
  private final AddressHealth health;
  private final TimeSource time;

  ProviderHttpClients(
      UpstreamProperties properties,
      ConnectionProvider connections,
      LoopResources threads,
      ProviderAddresses addresses,
      AddressHealth health,
      TimeSource time) {
    this.plain =
        new TwoClients(HttpClient.create(connections), HttpClient.newConnection())
            .with(client -> httpClient(client, properties, threads));
    this.addresses = addresses;
    this.connectTimeout = properties.connectTimeout();
    this.responseTimeout = properties.responseTimeout();
    this.health = health;
    this.time = time;
  }

  /** Over pooled connections, and over a new one for each request. */
  private record TwoClients(HttpClient pooled, HttpClient fresh) {
    TwoClients with(UnaryOperator<HttpClient> change) {
      return new TwoClients(change.apply(pooled), change.apply(fresh));
    }

    CallClients webClients(@Nullable OpenTelemetry openTelemetry) {
      return new CallClients(webClient(pooled, openTelemetry), webClient(fresh, openTelemetry));
    }
  }

  private static HttpClient httpClient(
      HttpClient plain, UpstreamProperties properties, LoopResources threads) {
    return plain
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
  }

  private HttpClient routed(HttpClient client, @Nullable HttpProxy proxy) {
    return proxy == null ? client.resolver(addresses) : proxy.before(client, connectTimeout);
  }

  private HttpClient guarded(HttpClient client, ResponseTimes times) {
    return client.doOnChannelInit(
        (observer, channel, address) ->
            channel
                .pipeline()
                .replace(
                    NettyPipeline.HttpCodec,
                    NettyPipeline.HttpCodec,
                    new GuardedCodec(responseTimeout, times, health, time)));
  }

  /** The current clients of an account; they change when its SSL bundle is reloaded. */
  Supplier<CallClients> of(
      String prefix,
      AccountProperties account,
      SslBundles sslBundles,
      @Nullable OpenTelemetry openTelemetry) {
    var times = new ResponseTimes(time);
    HttpProxy proxy = account.proxyToUse();
    TwoClients clients = plain.with(client -> guarded(routed(client, proxy), times));
    String bundleName = account.sslBundle();
    if (bundleName == null || bundleName.isEmpty()) {
      CallClients webClients = clients.webClients(openTelemetry);
      return () -> webClients;
    }
    return BundleTls.reloaded(
        prefix + "ssl-bundle",
        bundleName,
        sslBundles,
        bundle ->
            clients.with(client -> BundleTls.secured(client, bundle)).webClients(openTelemetry));
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
}
