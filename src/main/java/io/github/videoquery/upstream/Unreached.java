package io.github.videoquery.upstream;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.task.TaskReply.Trouble;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.URI;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says why a provider cannot be reached, and which setting is likely to mend it. */
final class Unreached {
  private static final String CHECK_ADDRESS = " Check gateway.upstream.base-url";
  private static final String CHECK_BUNDLE = " Check gateway.upstream.ssl-bundle";
  private static final String CHECK_PROXY = " Check gateway.upstream.proxy.";

  /** Netty's exception holds the proxy's answer in its text only. */
  private static final Pattern PROXY_STATUS = Pattern.compile("status: (\\d{3})");

  private Unreached() {}

  /**
   * A sentence for operators, without a secret.
   *
   * @param cause what the network layer threw
   */
  static String why(Trouble trouble, Throwable cause, URI endpoint, @Nullable HttpProxy proxy) {
    String host = endpoint.getHost();
    return switch (trouble) {
      case DNS -> "No address was found for " + host + '.' + CHECK_ADDRESS + " and the DNS.";
      case CONNECT ->
          "No connection to "
              + host
              + ':'
              + port(endpoint)
              + (CallFailure.isTimeout(cause) ? " came about in time." : " can be made.")
              + CHECK_ADDRESS
              + ", firewalls and network policies.";
      case TLS -> tls(cause, host);
      case PROXY -> "The proxy " + proxy + ' ' + proxyFailure(cause) + '.' + CHECK_PROXY;
      default -> "The connection to " + host + " broke.";
    };
  }

  private static int port(URI endpoint) {
    return endpoint.getPort() >= 0
        ? endpoint.getPort()
        : "https".equals(endpoint.getScheme()) ? 443 : 80;
  }

  private static String tls(Throwable error, String host) {
    String certificate = "The certificate of " + host;
    Throwable cause = Objects.requireNonNullElse(root(error), error);
    String text = String.valueOf(cause.getMessage());
    return switch (cause) {
      case CertificateExpiredException _ ->
          certificate + " has expired (" + text + "). The provider has to renew it.";
      case CertificateNotYetValidException _ ->
          certificate + " is not valid yet (" + text + "). Check the clock of this machine.";
      case CertPathBuilderException _ ->
          certificate + " is of no trusted issuer." + CHECK_BUNDLE + ": it names the CA to trust.";
      case CertificateException _ ->
          certificate + " is not for this host (" + text + ")." + CHECK_ADDRESS + '.';
      case NotSslRecordException _ ->
          host + " does not speak TLS on this port." + CHECK_ADDRESS + ": http or https?";
      default -> handshake(text, host);
    };
  }

  private static String handshake(String text, String host) {
    String remedy =
        text.contains("certificate") || text.contains("handshake_failure")
            ? " It may demand a client certificate." + CHECK_BUNDLE + ", which holds ours."
            : CHECK_BUNDLE + '.';
    return "The TLS handshake with " + host + " failed (" + text + ")." + remedy;
  }

  private static String proxyFailure(Throwable cause) {
    String text = String.valueOf(Objects.requireNonNullElse(root(cause), cause).getMessage());
    Matcher answer = PROXY_STATUS.matcher(text);
    if (answer.find()) {
      return "answered " + answer.group(1);
    }
    return text.contains("timeout") ? "does not answer" : "cannot be reached, or broke off";
  }

  /** The innermost cause. */
  static @Nullable Throwable root(@Nullable Throwable error) {
    return Stream.iterate(error, Objects::nonNull, Throwable::getCause)
        .reduce((outer, inner) -> inner)
        .orElse(null);
  }
}
