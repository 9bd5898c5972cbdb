package io.github.videoquery.upstream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Spaces the calls to one account evenly, so that no second sees more of them than the account's
 * {@code max-rate}. Who has to wait goes in the order of coming, first questions before refreshes:
 * as each task waits but once, all are refreshed in turn.
 */
final class UpstreamPace {
  static final int MAX_WAITING = 10_000;

  private final long spacing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Condition> firstQuestions = new ArrayDeque<>();
  private final Queue<Condition> refreshes = new ArrayDeque<>();
  private long nextCallAt = System.nanoTime();

  /**
   * @param maxRate calls a second; null for as many as may come
   */
  UpstreamPace(@Nullable Double maxRate) {
    this.spacing = maxRate == null ? 0 : (long) Math.ceil(TimeUnit.SECONDS.toNanos(1) / maxRate);
  }

  /** Nanoseconds until a question that comes now would have its turn. */
  long delayNanos(boolean first) {
    if (spacing == 0) {
      return 0;
    }
    lock.lock();
    try {
      long ahead = firstQuestions.size() + (first ? 0L : refreshes.size());
      return Math.max(0, nextCallAt - System.nanoTime()) + ahead * spacing;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a turn.
   *
   * @return whether it came in time; at once not, where too many wait already
   */
  boolean enter(boolean first, Duration patience) {
    if (spacing == 0) {
      return true;
    }
    lock.lock();
    try {
      return firstQuestions.size() + refreshes.size() < MAX_WAITING
          && await(first ? firstQuestions : refreshes, System.nanoTime() + patience.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** One more call in a turn that waited for one: all others come that much later. */
  void callOnceMore() {
    lock.lock();
    try {
      nextCallAt = later(nextCallAt, System.nanoTime()) + spacing;
    } finally {
      lock.unlock();
    }
  }

  private boolean await(Queue<Condition> queue, long deadline) throws InterruptedException {
    Condition mine = lock.newCondition();
    queue.add(mine);
    try {
      while (true) {
        long now = System.nanoTime();
        boolean isNext = mine.equals(next());
        if (isNext && nextCallAt - now <= 0) {
          nextCallAt = now + spacing;
          return true;
        }
        if (deadline - now <= 0) {
          return false;
        }
        long pause = isNext ? Math.min(nextCallAt - now, deadline - now) : deadline - now;
        var _ = mine.awaitNanos(pause);
      }
    } finally {
      queue.remove(mine);
      Condition next = next();
      if (next != null) {
        next.signal();
      }
    }
  }

  private @Nullable Condition next() {
    return firstQuestions.isEmpty() ? refreshes.peek() : firstQuestions.peek();
  }

  private static long later(long a, long b) {
    return a - b > 0 ? a : b;
  }
}
