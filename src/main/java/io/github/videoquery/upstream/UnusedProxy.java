package io.github.videoquery.upstream;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.PropertyResolver;

/** A proxy that other programs would use, and the gateway does not. */
final class UnusedProxy {
  private static final Logger log = LoggerFactory.getLogger(UnusedProxy.class);
  private static final List<String> NAMES =
      List.of("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https.proxyHost", "http.proxyHost");

  private UnusedProxy() {}

  /** Warns if one is set, and an account says neither which proxy to use nor to use none. */
  static void warnOf(PropertyResolver environment, Collection<AccountProperties> accounts) {
    if (accounts.stream().allMatch(account -> AccountProperties.isGiven(account.proxy()))) {
      return;
    }
    NAMES.stream()
        .filter(
            name ->
                AccountProperties.isGiven(environment.getProperty(name))
                    || AccountProperties.isGiven(
                        environment.getProperty(name.toLowerCase(Locale.ROOT))))
        .findFirst()
        .ifPresent(
            name ->
                log.warn(
                    "{} is set, but the gateway does not use it. Set gateway.upstream.proxy, or"
                        + " gateway.upstream.proxy=none to call without a proxy",
                    name));
  }
}
