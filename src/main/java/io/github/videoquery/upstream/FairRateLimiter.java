package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Spaces the calls to one account evenly, so that each second has at most {@code max-rate} + 1
 * calls. Waiting callers are served first in, first out; each task waits only once, so all tasks
 * are refreshed equally often. First queries are served before refreshes, but each fourth permit
 * goes to a refresh, so that many first queries do not keep known tasks from being refreshed.
 */
final class FairRateLimiter {
  /** First queries, and as many refreshes. */
  static final int MAX_QUEUED = 10_000;

  private static final int FIRST_QUERIES_IN_A_ROW = 3;

  /** Where there is no limit. */
  private static final Permit UNLIMITED = new Permit(0);

  private final long spacing;
  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Thread> firstQueries = new ArrayDeque<>();
  private final Queue<Thread> refreshes = new ArrayDeque<>();
  private long nextSlot;
  private int firstQueriesInARow;

  /**
   * The right to make one call.
   *
   * @param slot the time from which it is valid, on the limiter's clock
   */
  record Permit(long slot) {}

  /**
   * @param maxRate calls a second; null for no limit
   */
  FairRateLimiter(@Nullable Double maxRate, TimeSource time) {
    this.spacing = maxRate == null ? 0 : (long) Math.ceil(TimeUnit.SECONDS.toNanos(1) / maxRate);
    this.time = time;
    this.nextSlot = time.nanoTime();
  }

  /** Nanoseconds until a query that comes now would get its permit. */
  long delayNanos(boolean first) {
    if (spacing == 0) {
      return 0;
    }
    lock.lock();
    try {
      long ahead = firstQueries.size() + (first ? 0 : (long) refreshes.size());
      return Math.max(0, nextSlot - time.nanoTime()) + ahead * spacing;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a permit.
   *
   * @return null if there was none in time; at once, where {@value #MAX_QUEUED} wait already
   */
  @Nullable Permit acquire(boolean first, Duration timeout) {
    if (spacing == 0) {
      return UNLIMITED;
    }
    Thread caller = Thread.currentThread();
    Queue<Thread> queue = first ? firstQueries : refreshes;
    lock.lock();
    try {
      if (queue.size() >= MAX_QUEUED) {
        return null;
      }
      queue.add(caller);
      try {
        return await(caller, first, time.nanoTime() + timeout.toNanos());
      } finally {
        queue.remove(caller);
        LockSupport.unpark(next());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns a permit that was not used. Its slot can be used by another call until the next slot
   * begins; after that it is worth nothing, as the calls of both slots would come at once.
   */
  void giveBack(Permit permit) {
    if (spacing == 0) {
      return;
    }
    lock.lock();
    try {
      if (permit.slot() + spacing == nextSlot && nextSlot - time.nanoTime() > 0) {
        nextSlot = permit.slot();
        LockSupport.unpark(next());
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Permit await(Thread caller, boolean first, long deadline) {
    while (true) {
      long now = time.nanoTime();
      boolean isNext = caller.equals(next());
      if (isNext && nextSlot - now <= 0) {
        nextSlot = now + spacing;
        firstQueriesInARow = first ? firstQueriesInARow + 1 : 0;
        return new Permit(now);
      }
      if (deadline - now <= 0 || caller.isInterrupted()) {
        return null;
      }
      long wake = isNext && nextSlot - deadline < 0 ? nextSlot : deadline;
      lock.unlock();
      try {
        time.parkUntil(this, wake);
      } finally {
        lock.lock();
      }
    }
  }

  private @Nullable Thread next() {
    boolean isARefreshDue =
        firstQueries.isEmpty()
            || (firstQueriesInARow >= FIRST_QUERIES_IN_A_ROW && !refreshes.isEmpty());
    return isARefreshDue ? refreshes.peek() : firstQueries.peek();
  }
}
