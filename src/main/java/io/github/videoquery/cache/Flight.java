package io.github.videoquery.cache;

import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A call on its way: waiting for its permit, for other replicas, or for the provider. */
final class Flight {
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  private final HeldBodies held;
  private volatile boolean hasPermit;
  private volatile boolean isBeyondSharedCache;
  private volatile long permittedAt;

  Flight(HeldBodies held) {
    this.held = held;
  }

  /** Holds what the call brings until the flight is over. */
  HeldBodies held() {
    return held;
  }

  /** Adds the answer to what a caller holds, before the flight releases it. */
  void handTo(HeldBodies caller) {
    var _ = answer.thenAccept(brought -> caller.add(brought.entry().reply()));
  }

  void complete(Answer brought) {
    try (held) {
      answer.complete(brought);
    }
  }

  void fail(Throwable defect) {
    try (held) {
      answer.completeExceptionally(defect);
    }
  }

  /** The shared cache has answered, or failed. */
  void passedSharedCache() {
    isBeyondSharedCache = true;
  }

  /** How long it can be awaited before {@link #isHeldUp} has to be asked. */
  long unaskedNanos(long now) {
    if (!hasPermit) {
      return SharedCache.LONGEST_DELAY_NANOS / 5;
    }
    return isBeyondSharedCache
        ? Long.MAX_VALUE
        : permittedAt + SharedCache.LONGEST_DELAY_NANOS - now;
  }

  /** Whether the shared cache takes longer to answer than a caller should wait for it. */
  boolean isHeldUp(long now) {
    return hasPermit
        && !isBeyondSharedCache
        && now - permittedAt >= SharedCache.LONGEST_DELAY_NANOS;
  }

  /** From now on, callers that joined wait until the call ends; the shared cache is next. */
  void permitted(long now) {
    permittedAt = now;
    hasPermit = true;
  }

  /**
   * Waits for the answer. Blocks the calling virtual thread.
   *
   * @return null if it did not come in time
   */
  @Nullable Answer await(Duration timeout, TimeSource time) {
    long deadline = time.nanoTime() + timeout.toNanos();
    Thread waiting = Thread.currentThread();
    var _ = answer.whenComplete((done, defect) -> LockSupport.unpark(waiting));
    while (!answer.isDone()) {
      if (deadline - time.nanoTime() <= 0) {
        return null;
      }
      time.parkUntil(this, deadline);
      if (waiting.isInterrupted()) {
        throw new IllegalStateException("Interrupted");
      }
    }
    return answer.join();
  }

  /**
   * Waits for the answer: for the permit no longer than given, then until the call has ended.
   *
   * @return null if the permit did not come in time
   */
  @Nullable Answer join(Duration permitTimeout, TimeSource time) {
    Answer done = await(permitTimeout, time);
    while (done == null && hasPermit) {
      done = await(permitTimeout, time);
    }
    return done == null ? null : done.asCollapsed();
  }
}
