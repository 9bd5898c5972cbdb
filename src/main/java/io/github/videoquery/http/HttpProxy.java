package io.github.videoquery.http;

import io.netty.resolver.NoopAddressResolverGroup;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.transport.ProxyProvider;

/** An HTTP proxy, {@code http://user:password@host:port}. It prints without its credentials. */
public final class HttpProxy {
  private static final String NONE = "none";

  /** What to write, where a text is no address of a proxy. */
  public static final String HOW_TO_WRITE =
      "Give an address like http://proxy:3128 or http://user:password@proxy:3128, or none.";

  private final URI address;

  private HttpProxy(URI address) {
    this.address = address;
  }

  /**
   * The proxy of a setting; null if it is absent, empty, {@code none}, or not {@link #isUsable}.
   */
  public static @Nullable HttpProxy of(@Nullable String setting) {
    return isNone(setting) ? null : parse(Objects.requireNonNull(setting));
  }

  /** Whether a setting is an address of a proxy, or says that there is none. */
  public static boolean isUsable(@Nullable String setting) {
    return isNone(setting) || parse(Objects.requireNonNull(setting)) != null;
  }

  private static boolean isNone(@Nullable String setting) {
    return setting == null || setting.isEmpty() || setting.equals(NONE);
  }

  /**
   * @param text the user and the password percent-encoded
   * @return null if it is no address of a proxy
   */
  private static @Nullable HttpProxy parse(String text) {
    try {
      var proxy = new URI(text); // Spring's own conversion encodes what is encoded already
      boolean isUsable =
          "http".equals(proxy.getScheme())
              && proxy.getHost() != null
              && proxy.getPort() > 0
              && (proxy.getUserInfo() == null || proxy.getUserInfo().indexOf(':') > 0)
              && proxy.getRawPath().replace("/", "").isEmpty();
      return isUsable ? new HttpProxy(proxy) : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** The client, through this proxy, which also resolves the names. */
  public HttpClient before(HttpClient client, Duration connectTimeout) {
    return client
        .resolver(NoopAddressResolverGroup.INSTANCE)
        .proxy(spec -> configure(spec, connectTimeout));
  }

  private void configure(ProxyProvider.TypeSpec spec, Duration connectTimeout) {
    ProxyProvider.Builder builder =
        spec.type(ProxyProvider.Proxy.HTTP)
            .host(address.getHost())
            .port(address.getPort())
            .connectTimeoutMillis(connectTimeout.toMillis());
    if (address.getUserInfo() != null) {
      String[] credentials = address.getUserInfo().split(":", 2);
      builder.username(credentials[0]).password(user -> credentials[1]);
    }
  }

  @Override
  public String toString() {
    return address.getHost() + ':' + address.getPort();
  }
}
