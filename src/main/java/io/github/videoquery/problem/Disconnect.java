package io.github.videoquery.problem;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.QuietException;

/**
 * Distinguishes a caller's broken or silent connection from a defect in the gateway: the first is
 * an {@link IOException}, the second a {@link TimeoutException} of Jetty's, and both can be
 * wrapped.
 */
public final class Disconnect {
  private Disconnect() {}

  public static boolean isIn(Throwable failure) {
    int depth = 0;
    for (Throwable cause = failure; cause != null && depth++ < 10; cause = cause.getCause()) {
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof QuietException) {
        return true;
      }
    }
    return false;
  }
}
