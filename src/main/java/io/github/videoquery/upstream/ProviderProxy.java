package io.github.videoquery.upstream;

import java.net.URI;
import reactor.netty.transport.ProxyProvider;

/** The HTTP proxy that calls go through. */
final class ProviderProxy {
  private ProviderProxy() {}

  static void through(ProxyProvider.TypeSpec spec, URI proxy, UpstreamProperties properties) {
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
}
