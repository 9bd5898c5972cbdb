package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.channel.ChannelOption;
import io.netty.resolver.NoopAddressResolverGroup;
import io.opentelemetry.api.OpenTelemetry;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
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
            .with(client -> httpClient(client, properties, threads, addresses));
    this.responseTimeout = properties.responseTimeout();
    this.health = health;
    this.time = time;
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
            .resolver(NoopAddressResolverGroup.INSTANCE) // the proxy resolves the name
            .proxy(spec -> ProviderProxy.through(spec, proxy, properties));
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
  Supplier<ProviderCall.Clients> of(
      String prefix,
      AccountProperties account,
      SslBundles sslBundles,
      @Nullable OpenTelemetry openTelemetry) {
    var times = new ResponseTimes(time);
    TwoClients clients = plain.with(client -> guarded(client, times));
    String bundleName = account.sslBundle();
    if (bundleName == null || bundleName.isEmpty()) {
      ProviderCall.Clients webClients = clients.webClients(openTelemetry);
      return () -> webClients;
    }
    Function<SslBundle, ProviderCall.Clients> secured =
        bundle ->
            clients.with(client -> ProviderTls.secured(client, bundle)).webClients(openTelemetry);
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
}
