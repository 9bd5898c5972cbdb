package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.BodyRoom.NoRoomException;
import io.github.videoquery.upstream.GuardedCodec.InvalidResponseException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslClosedEngineException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.resolver.dns.DnsNameResolverException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.Exceptions;
import reactor.netty.channel.AbortedException;

/**
 * Classifies the exceptions of WebClient and its connector: what went wrong, and whether to retry.
 */
final class CallFailure {
  private CallFailure() {}

  /**
   * @param isProxied whether the call went through a proxy
   * @throws RuntimeException the error itself, if it is none of the network's: a defect of ours
   */
  static TaskReply reply(RuntimeException error, boolean isProxied) {
    Throwable unwrapped = Exceptions.unwrap(error);
    Throwable cause =
        unwrapped instanceof WebClientRequestException ? unwrapped.getCause() : unwrapped;
    if (cause instanceof InvalidResponseException) {
      return new Refused(Refusal.INVALID_RESPONSE, Refused.NO_STATUS, null);
    }
    if (cause instanceof NoRoomException) {
      return new Unreachable(Trouble.SATURATED);
    }
    if (unwrapped instanceof WebClientRequestException || isTimeout(cause)) {
      return new Unreachable(trouble(cause, isProxied), isTimeout(cause));
    }
    throw error;
  }

  private static Trouble trouble(@Nullable Throwable cause, boolean isProxied) {
    Throwable root = cause == null ? null : Unreached.root(cause);
    if (root instanceof ProxyConnectException) {
      return Trouble.PROXY; // which TLS calls a failure of its own
    }
    if (root instanceof SSLException && !(root instanceof SslClosedEngineException)) {
      return Trouble.TLS; // of a connection that was closed meanwhile, too
    }
    return switch (cause) {
      case SslClosedEngineException _ -> Trouble.BROKEN;
      case UnknownHostException _, DnsNameResolverException _, UnresolvedAddressException _ ->
          isProxied ? Trouble.PROXY : Trouble.DNS;
      case ConnectException _, NoRouteToHostException _ ->
          isProxied ? Trouble.PROXY : Trouble.CONNECT;
      case SocketException unreachable when isUnreachable(unreachable) ->
          isProxied ? Trouble.PROXY : Trouble.CONNECT;
      case SSLException _, CertificateException _, DecoderException _ -> Trouble.TLS;
      case null, default -> isTimeout(cause) ? Trouble.TIMEOUT : Trouble.BROKEN;
    };
  }

  private static boolean isUnreachable(SocketException error) {
    return String.valueOf(error.getMessage()).contains("unreachable");
  }

  /** Whether a deadline passed: to find the address, to connect, to shake hands, to read. */
  static boolean isTimeout(@Nullable Throwable error) {
    Throwable cause = error instanceof WebClientRequestException ? error.getCause() : error;
    return cause instanceof TimeoutException
        || cause instanceof io.netty.handler.timeout.TimeoutException
        || cause instanceof ConnectTimeoutException
        || cause instanceof SslHandshakeTimeoutException;
  }

  /**
   * Whether an established connection broke before a byte of the answer came, as a pooled one does
   * when it was closed. What {@link GuardedCodec} throws after that byte is no {@link IOException}.
   */
  static boolean brokeBeforeAnswer(Throwable error) {
    if (!(error instanceof WebClientRequestException)) {
      return false;
    }
    Throwable cause = error.getCause();
    if (cause instanceof AbortedException || cause instanceof SslClosedEngineException) {
      return true; // closed before the request was written
    }
    return cause instanceof IOException
        && !(cause instanceof ConnectException
            || cause instanceof UnknownHostException
            || cause instanceof SSLException);
  }
}
