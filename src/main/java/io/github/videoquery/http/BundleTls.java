package io.github.videoquery.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import reactor.netty.http.client.HttpClient;

/** TLS by one of {@code spring.ssl.bundle}: trust store and client certificate. */
public final class BundleTls {
  private BundleTls() {}

  /**
   * What is made of a bundle, made anew when the bundle is reloaded.
   *
   * @param property the setting that names the bundle
   * @throws InvalidConfigurationPropertyValueException if there is no such bundle
   */
  public static <T> Supplier<T> reloaded(
      String property, String bundle, SslBundles bundles, Function<SslBundle, T> make) {
    try {
      var current = new AtomicReference<T>(make.apply(bundles.getBundle(bundle)));
      bundles.addBundleUpdateHandler(bundle, updated -> current.set(make.apply(updated)));
      return current::get;
    } catch (NoSuchSslBundleException e) {
      throw new InvalidConfigurationPropertyValueException(
          property,
          bundle,
          "Define it: spring.ssl.bundle.pem." + bundle + ".truststore.certificate=…");
    }
  }

  public static HttpClient secured(HttpClient httpClient, SslBundle bundle) {
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
