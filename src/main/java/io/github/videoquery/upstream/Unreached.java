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
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says why a provider cannot be reached, and which setting is likely to mend it.
 *
 * @param account whose settings are named
 * @param endpoint the address that is asked, without a query
 * @param proxy the proxy that is used; null for none
 */
record Unreached(String account, URI endpoint, @Nullable HttpProxy proxy) {
  /** Netty's exception holds the proxy's answer in its text only. */
  private static final Pattern PROXY_STATUS = Pattern.compile("status: (\\d{3})");

  /**
   * A sentence for operators, without a secret.
   *
   * @param cause what the network layer threw
   */
  String why(Trouble trouble, Throwable cause) {
    return switch (trouble) {
      case DNS -> "No address was found for " + host() + '.' + check("base-url") + " and the DNS.";
      case CONNECT ->
          "A connection to "
              + host()
              + ':'
              + port()
              + (CallFailure.isTimeout(cause) ? " was not made in time." : " cannot be made.")
              + check("base-url")
              + ", firewalls and network policies.";
      case TLS -> tls(cause);
      case PROXY -> "The proxy " + proxy + ' ' + proxyFailure(cause) + '.' + check("proxy") + '.';
      default ->
          "Connections to "
              + host()
              + ':'
              + port()
              + " break before an answer comes."
              + check("base-url")
              + ": http or https?";
    };
  }

  private String host() {
    return endpoint.getHost();
  }

  private int port() {
    boolean isSecure = "https".equals(endpoint.getScheme());
    return endpoint.getPort() >= 0 ? endpoint.getPort() : isSecure ? 443 : 80;
  }

  /** One of several accounts has most settings in common with the others. */
  private String check(String setting) {
    return account.equals(AccountProperties.DEFAULT_NAME)
        ? " Check gateway.upstream." + setting
        : " Check " + setting + " of this account, or gateway.upstream." + setting;
  }

  private String tls(Throwable error) {
    String certificate = "The certificate of " + host();
    Throwable cause = root(error);
    String text = String.valueOf(cause.getMessage());
    return switch (cause) {
      case CertificateExpiredException _ ->
          certificate + " has expired (" + text + "). The provider has to renew it.";
      case CertificateNotYetValidException _ ->
          certificate + " is not valid yet (" + text + "). Check the clock of this machine.";
      case CertPathBuilderException _ ->
          certificate
              + " is not of a trusted CA."
              + check("ssl-bundle")
              + ": it names the CA to trust.";
      case CertificateException _
          when text.startsWith("No name matching") || text.startsWith("No subject alternative") ->
          certificate + " is not for this host (" + text + ")." + check("base-url") + '.';
      case CertificateException _ -> certificate + " cannot be accepted (" + text + ").";
      case NotSslRecordException _ ->
          host() + " does not speak TLS on this port." + check("base-url") + ": http or https?";
      case SSLException _ -> handshake(text);
      default -> handshake("the connection was closed");
    };
  }

  private String handshake(String text) {
    String remedy = "";
    if (text.contains("protocol_version")) {
      remedy = " It may speak another version of TLS only.";
    } else if (text.contains("certificate") || text.contains("handshake_failure")) {
      remedy = " It may demand a client certificate." + check("ssl-bundle") + ", which holds ours.";
    }
    return "The TLS handshake with " + host() + " failed (" + text + ")." + remedy;
  }

  private static String proxyFailure(Throwable cause) {
    String text = String.valueOf(root(cause).getMessage());
    Matcher answer = PROXY_STATUS.matcher(text);
    if (answer.find()) {
      return "answered " + answer.group(1);
    }
    return text.contains("timeout") ? "does not answer" : "cannot be reached, or broke off";
  }

  /** The innermost cause, or what TLS added to a connection that was closed. */
  static Throwable root(Throwable error) {
    Throwable innermost =
        Stream.iterate(error, Objects::nonNull, Throwable::getCause)
            .limit(20)
            .reduce(error, (outer, inner) -> inner);
    return Stream.of(innermost.getSuppressed())
        .filter(SSLException.class::isInstance)
        .findFirst()
        .orElse(innermost);
  }
}
