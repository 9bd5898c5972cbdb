package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Bounds the calls to the provider at once. {@value #WAITING_PER_CALL} times as many may wait, each
 * for at most {@link #PATIENCE}; whoever finds the queue full, or waits in vain, is told so instead
 * of making it longer. The queue holds what reaches a gateway that has just started, and is slow
 * yet, at some 500 questions a second.
 */
final class Bulkhead {
  static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int WAITING_PER_CALL = 4;
  private static final TaskReply SATURATED = new Unreachable(Trouble.SATURATED);

  private final int maxCalls;
  private final Semaphore permits;
  private final TimeSource time;

  Bulkhead(int maxCalls, TimeSource time) {
    this.time = time;
    this.maxCalls = maxCalls;
    this.permits = new Semaphore(maxCalls, true);
  }

  /**
   * The call's reply, or {@link Trouble#SATURATED} without a call.
   *
   * @param patience the longest wait for a place; never more than {@link #PATIENCE}
   */
  TaskReply guard(Duration patience, Supplier<TaskReply> call) {
    if (!enter(patience.compareTo(PATIENCE) < 0 ? patience : PATIENCE)) {
      return SATURATED;
    }
    try {
      return call.get();
    } finally {
      permits.release();
    }
  }

  /** Time in which the process itself stood still is not waited. */
  private boolean await(long nanos) throws InterruptedException {
    long deadline = time.nanoTime() + nanos;
    return permits.tryAcquire(nanos, TimeUnit.NANOSECONDS)
        || permits.tryAcquire(
            CallDeadlines.graceNanos(time.nanoTime() - deadline), TimeUnit.NANOSECONDS);
  }

  /** How many callers queue. */
  int queued() {
    return permits.getQueueLength();
  }

  private boolean enter(Duration patience) {
    try {
      return permits.tryAcquire(0, TimeUnit.NANOSECONDS)
          || (queued() < (long) WAITING_PER_CALL * maxCalls && await(patience.toNanos()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
