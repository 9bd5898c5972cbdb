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
 * Limits the concurrent calls to one account. Up to {@value #QUEUED_PER_CALL} times as many callers
 * queue, each for at most {@link #MAX_WAIT}; further ones are rejected. The queue is long enough
 * for a gateway that has just started, and is still slow, at about 500 queries per second.
 */
final class Bulkhead {
  static final Duration MAX_WAIT = Duration.ofSeconds(2);
  private static final int QUEUED_PER_CALL = 4;
  private static final TaskReply SATURATED = new Unreachable(Trouble.SATURATED);

  private final int maxCalls;
  private final Semaphore permits;
  private final Semaphore refreshes;
  private final TimeSource time;

  Bulkhead(int maxCalls, TimeSource time) {
    this.time = time;
    this.maxCalls = maxCalls;
    this.permits = new Semaphore(maxCalls, true);
    this.refreshes = new Semaphore(Math.max(1, maxCalls / 2));
  }

  /**
   * The call's reply, or {@link Trouble#SATURATED} without a call.
   *
   * @param timeout the longest wait for a permit; never more than {@link #MAX_WAIT}
   */
  TaskReply guard(Duration timeout, Supplier<TaskReply> call) {
    if (!enter(timeout.compareTo(MAX_WAIT) < 0 ? timeout : MAX_WAIT)) {
      return SATURATED;
    }
    try {
      return call.get();
    } finally {
      permits.release();
    }
  }

  /**
   * The same for a refresh that nobody needs at once: it does not queue, and all of them together
   * have at most half of the calls, so that they do not keep first queries out.
   */
  TaskReply guardRefresh(Supplier<TaskReply> call) {
    if (!refreshes.tryAcquire()) {
      return SATURATED;
    }
    try {
      return guard(Duration.ZERO, call);
    } finally {
      refreshes.release();
    }
  }

  /** Time during which the process was suspended does not count as waiting. */
  private boolean await(long nanos) throws InterruptedException {
    long deadline = time.nanoTime() + nanos;
    return permits.tryAcquire(nanos, TimeUnit.NANOSECONDS)
        || permits.tryAcquire(
            CallDeadlines.graceNanos(time.nanoTime() - deadline), TimeUnit.NANOSECONDS);
  }

  /** The number of callers in the queue. */
  int queued() {
    return permits.getQueueLength();
  }

  private boolean enter(Duration timeout) {
    try {
      return permits.tryAcquire(0, TimeUnit.NANOSECONDS)
          || (timeout.isPositive()
              && queued() < (long) QUEUED_PER_CALL * maxCalls
              && await(timeout.toNanos()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
