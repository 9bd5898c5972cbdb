package io.github.videoquery.access;

import io.github.videoquery.http.BundleTls;
import io.github.videoquery.http.HttpProxy;
import io.netty.channel.ChannelOption;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;

/** Fetches the issuer's documents, each of at most 512 KB. */
final class IssuerHttp {
  /** For the connection, for a silence, and twice that for the whole. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_BYTES = 512 * 1024;

  private final Supplier<WebClient> client;

  /**
   * @param sslBundle the name of one of {@code spring.ssl.bundle.*}; null for the JVM's
   * @param property the setting that names it
   */
  IssuerHttp(
      @Nullable HttpProxy proxy, @Nullable String sslBundle, String property, SslBundles bundles) {
    HttpClient direct =
        HttpClient.newConnection()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT.toMillis())
            .responseTimeout(TIMEOUT)
            .followRedirect(IssuerHttp::isFollowed);
    HttpClient http =
        proxy == null
            ? direct.resolver(DefaultAddressResolverGroup.INSTANCE)
            : proxy.before(direct, TIMEOUT);
    if (sslBundle == null || sslBundle.isEmpty()) {
      WebClient plain = webClient(http);
      this.client = () -> plain;
    } else {
      this.client =
          BundleTls.reloaded(
              property, sslBundle, bundles, bundle -> webClient(BundleTls.secured(http, bundle)));
    }
  }

  private static WebClient webClient(HttpClient http) {
    return WebClient.builder()
        .clientConnector(new ReactorClientHttpConnector(http))
        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MAX_BYTES))
        .build();
  }

  /** A redirect, but none from https to http: anyone on the way could answer that. */
  private static boolean isFollowed(HttpClientRequest request, HttpClientResponse response) {
    String location = response.responseHeaders().get(HttpHeaders.LOCATION);
    boolean isDowngrade =
        location != null
            && location.startsWith("http:")
            && Objects.requireNonNull(request.resourceUrl()).startsWith("https:");
    return response.status().code() / 100 == 3 && location != null && !isDowngrade;
  }

  /**
   * @throws FileNotFoundException for a 404
   * @throws IOException if it cannot be fetched
   */
  byte[] get(URI address) throws IOException {
    try {
      byte[] body =
          client
              .get()
              .get()
              .uri(address)
              .retrieve()
              .onStatus(status -> !status.is2xxSuccessful(), ClientResponse::createException)
              .bodyToMono(byte[].class)
              .block(TIMEOUT.multipliedBy(2));
      return body == null ? new byte[0] : body;
    } catch (WebClientResponseException.NotFound e) {
      throw new FileNotFoundException(address.toString());
    } catch (RuntimeException e) {
      throw new IOException(address + ": " + e.getMessage(), e);
    }
  }
}
