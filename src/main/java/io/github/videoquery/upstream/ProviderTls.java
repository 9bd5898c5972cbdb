package io.github.videoquery.upstream;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.List;
import javax.net.ssl.SSLException;
import org.springframework.boot.ssl.SslBundle;
import reactor.netty.http.client.HttpClient;

/** TLS to the provider by one of {@code spring.ssl.bundle}: trust store and client certificate. */
final class ProviderTls {
  private ProviderTls() {}

  static HttpClient secured(HttpClient httpClient, SslBundle bundle) {
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
