package io.github.videoquery.http;

import io.netty.resolver.NoopAddressResolverGroup;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.transport.ProxyProvider;

/** An HTTP proxy, {@code http://user:password@host:port}. It prints without its credentials. */
public final class HttpProxy {
  /** What to write, where a text is no address of a proxy. */
  public static final String HOW_TO_WRITE =
      "Give an address like http://proxy:3128 or http://user:password@proxy:3128.";

  private final URI address;

  private HttpProxy(URI address) {
    this.address = address;
  }

  /**
   * @param text the user and the password percent-encoded
   * @return null if it is no address of a proxy
   */
  public static @Nullable HttpProxy parse(String text) {
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
