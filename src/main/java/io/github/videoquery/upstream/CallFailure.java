package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.BodyRoom.NoRoomException;
import io.github.videoquery.upstream.GuardedCodec.InvalidResponseException;
import io.netty.handler.ssl.SslClosedEngineException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.Exceptions;
import reactor.netty.channel.AbortedException;

/**
 * Classifies the exceptions of WebClient and its connector: what went wrong, and whether to retry.
 */
final class CallFailure {
  private CallFailure() {}

  /**
   * @throws RuntimeException the error itself, if it is none of the network's: a defect of ours
   */
  static TaskReply reply(RuntimeException error) {
    return error.getCause() instanceof InvalidResponseException
        ? new Refused(Refusal.INVALID_RESPONSE, Refused.NO_STATUS, null)
        : new Unreachable(of(error));
  }

  private static Trouble of(RuntimeException error) {
    Throwable cause = Exceptions.unwrap(error);
    if (cause instanceof NoRoomException) {
      return Trouble.SATURATED;
    }
    if (cause instanceof TimeoutException || isTimeout(cause)) {
      return Trouble.TIMEOUT;
    }
    if (cause instanceof WebClientRequestException) {
      return Trouble.CONNECTION;
    }
    throw error;
  }

  /** Whether a deadline of the network's passed: to connect, to shake hands, to read. */
  static boolean isTimeout(Throwable error) {
    Throwable cause = error instanceof WebClientRequestException ? error.getCause() : error;
    return cause instanceof io.netty.handler.timeout.TimeoutException
        || cause instanceof io.netty.channel.ConnectTimeoutException
        || cause instanceof io.netty.handler.ssl.SslHandshakeTimeoutException;
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
