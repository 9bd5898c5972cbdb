package io.github.videoquery.edge;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** Closes a connection whose request head is not complete in time, for which Jetty has no timer. */
final class HeadTimeout {
  private final EndPoint endPoint;
  private final long millis;
  private volatile Scheduler.@Nullable Task task;

  /**
   * @param millis the longest time from the first byte of a request to the end of its head
   */
  HeadTimeout(EndPoint endPoint, long millis) {
    this.endPoint = endPoint;
    this.millis = millis;
  }

  /**
   * Begins it, unless it has begun.
   *
   * @param firstByte when the head's first byte came, on {@link NanoTime}
   */
  void begin(Scheduler scheduler, long firstByte) {
    if (task == null) {
      long left = millis - NanoTime.millisSince(firstByte);
      task =
          scheduler.schedule(
              () -> endPoint.close(new TimeoutException("The head is not whole")),
              Math.max(left, 1),
              TimeUnit.MILLISECONDS);
    }
  }

  void end() {
    Scheduler.Task begun = task;
    if (begun != null) {
      task = null;
      begun.cancel();
    }
  }
}
