package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.time.TimeSource;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A subscription to the feed of a task. A slow subscriber sees the latest answer, not each. One
 * thread at a time uses it: the one that subscribed, unless {@link #onUpdate} was called.
 */
public final class Subscription implements AutoCloseable {
  private static final long NONE = 0;

  private final TaskFeed feed;
  private final TimeSource time;
  private volatile Runnable wakeUp;
  private final HeldBodies held;
  private long seen;
  private volatile long seenChange = NONE;
  private final long joinedAt;

  /**
   * @param held see {@link #held}; closed with this
   * @param seen the number of the last update that this subscriber is not to get
   * @param joinedAt the number of the update that was published before, and is delivered as a hit
   */
  Subscription(TaskFeed feed, HeldBodies held, long seen, long joinedAt, TimeSource time) {
    this.feed = feed;
    this.held = held;
    this.seen = seen;
    this.joinedAt = joinedAt;
    this.time = time;
    Thread subscriber = Thread.currentThread();
    this.wakeUp = () -> LockSupport.unpark(subscriber);
  }

  /**
   * Runs this action at each update, and at a stop, instead of waking the thread that subscribed.
   * The action must not block. It can run without a new update: {@link #poll} then returns null.
   */
  public void onUpdate(Runnable action) {
    wakeUp = action;
  }

  /**
   * Holds the answer that the subscriber was woken for, because its thread may start late. An
   * answer from the cache is not held: the cache keeps it, and many subscribers may read slowly.
   */
  public HeldBodies held() {
    return held;
  }

  /**
   * Waits for an answer that differs from the one that this method returned last. At the deadline
   * the latest answer is returned, even if it is equal.
   *
   * @param deadline on {@link TimeSource#nanoTime()}
   * @return null if no answer came in time, or the service stops
   * @throws IllegalStateException if a defect ended the feed, or the thread was interrupted
   */
  public @Nullable Update next(long deadline) {
    while (true) {
      boolean isOver = feed.isStopping() || deadline - time.nanoTime() <= 0;
      Update update = poll(isOver);
      if (update != null || isOver) {
        return update;
      }
      time.parkUntil(this, deadline);
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("Interrupted");
      }
    }
  }

  /** The same, without a "not found" that is not yet believed. */
  public @Nullable Update nextBelieved(long deadline) {
    Update update = next(deadline);
    while (update != null && !update.isBelieved()) {
      update = next(deadline);
    }
    return update;
  }

  /**
   * The latest answer, without waiting, if it differs from the one that was returned last.
   *
   * @param evenIfEqual whether another answer is returned that tells the same
   * @return null if there is none
   */
  public @Nullable Update poll(boolean evenIfEqual) {
    Update latest = peek();
    if (latest == null || !(evenIfEqual || latest.change() != seenChange)) {
      return null;
    }
    seen = latest.number();
    seenChange = latest.change();
    return forMe(latest);
  }

  /** The latest update of the feed; null if {@link #poll} has returned it, or there is none. */
  public @Nullable Update peek() {
    Update latest = feed.latest();
    return latest == null || latest.number() == seen ? null : latest;
  }

  /** The call was made for the first subscriber; the others joined it, or came after it. */
  private Update forMe(Update update) {
    long now = time.nanoTime();
    Answer answer = update.answer();
    Answer mine =
        update.number() == joinedAt
            ? answer.asHit(now)
            : feed.isFirst(this) ? answer.asOf(now) : answer.asOf(now).asCollapsed();
    return new Update(update.number(), update.change(), mine, update.isBelieved());
  }

  void wake() {
    wakeUp.run();
  }

  /** Wakes the subscriber, unless it has an equal answer already. */
  void wake(Update update) {
    if (update.change() != seenChange) {
      held.release();
      if (isBrought(update.answer())) {
        held.add(update.answer().entry().reply());
        if (update.change() == seenChange) { // the subscriber took it, and released, meanwhile
          held.release();
        }
      }
      wakeUp.run();
    }
  }

  /** Whether a call brought its entry, which the cache may have refused to keep. */
  private static boolean isBrought(Answer answer) {
    return answer.source() == Source.MISS || answer.source() == Source.REFRESH;
  }

  @Override
  public void close() {
    feed.unsubscribe(this);
    held.close();
  }
}
