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
 * {@code max-rate}. Who has to wait goes in the order of coming: as each task waits but once, all
 * are refreshed in turn. First questions go first, but for each fourth turn, so that a flood of
 * them leaves something to the tasks that are known.
 */
final class UpstreamPace {
  /** Of each kind. */
  static final int MAX_WAITING = 10_000;

  private static final int FIRST_QUESTIONS_IN_A_ROW = 3;

  private final long spacing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Condition> firstQuestions = new ArrayDeque<>();
  private final Queue<Condition> refreshes = new ArrayDeque<>();
  private long nextCallAt = System.nanoTime();
  private int firstQuestionsInARow;

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
      long ahead = firstQuestions.size() + (first ? 0 : (long) refreshes.size());
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
      Queue<Condition> queue = first ? firstQuestions : refreshes;
      return queue.size() < MAX_WAITING
          && await(first, queue, System.nanoTime() + patience.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The turn that was waited for is left to the next. */
  void giveBack() {
    if (spacing == 0) {
      return;
    }
    lock.lock();
    try {
      nextCallAt = System.nanoTime();
      signalNext();
    } finally {
      lock.unlock();
    }
  }

  private boolean await(boolean first, Queue<Condition> queue, long deadline)
      throws InterruptedException {
    Condition mine = lock.newCondition();
    queue.add(mine);
    try {
      while (true) {
        long now = System.nanoTime();
        boolean isNext = mine.equals(next());
        if (isNext && nextCallAt - now <= 0) {
          nextCallAt = now + spacing;
          firstQuestionsInARow = first ? firstQuestionsInARow + 1 : 0;
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
      signalNext();
    }
  }

  private void signalNext() {
    Condition next = next();
    if (next != null) {
      next.signal();
    }
  }

  private @Nullable Condition next() {
    boolean isARefreshDue =
        firstQuestions.isEmpty()
            || (firstQuestionsInARow >= FIRST_QUESTIONS_IN_A_ROW && !refreshes.isEmpty());
    return isARefreshDue ? refreshes.peek() : firstQuestions.peek();
  }
}
