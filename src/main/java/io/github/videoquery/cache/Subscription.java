package io.github.videoquery.cache;

import io.github.videoquery.time.TimeSource;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread's subscription to the feed of a task. A slow subscriber sees the latest answer, not
 * each. To be used by the thread that subscribed, and closed by it.
 */
public final class Subscription implements AutoCloseable {
  private final TaskFeed feed;
  private final TimeSource time;
  private final Thread thread = Thread.currentThread();
  private long seen;
  private final long joinedAt;

  /**
   * An answer that the feed published.
   *
   * @param number counted from 1
   * @param isBelieved false for a "not found" that is not the third in a row
   */
  public record Update(long number, Answer answer, boolean isBelieved) {}

  /**
   * @param seen the number of the last update that this subscriber is not to get
   * @param joinedAt the number of the update that was published before, and is delivered as a hit
   */
  Subscription(TaskFeed feed, long seen, long joinedAt, TimeSource time) {
    this.feed = feed;
    this.seen = seen;
    this.joinedAt = joinedAt;
    this.time = time;
  }

  /**
   * Waits for an answer that this method has not returned yet.
   *
   * @param deadline on {@link TimeSource#nanoTime()}
   * @return null if none came in time, or the service stops
   * @throws IllegalStateException if a defect ended the feed, or the thread was interrupted
   */
  public @Nullable Update next(long deadline) {
    while (true) {
      Update latest = feed.latest();
      if (latest != null && latest.number() != seen) {
        seen = latest.number();
        return forMe(latest);
      }
      if (feed.isStopping() || deadline - time.nanoTime() <= 0) {
        return null;
      }
      time.parkUntil(this, deadline);
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("Interrupted");
      }
    }
  }

  /** The call was made for the first subscriber; the others joined it, or came after it. */
  private Update forMe(Update update) {
    long now = time.nanoTime();
    Answer answer = update.answer();
    Answer mine =
        update.number() == joinedAt
            ? answer.asHit(now)
            : feed.isFirst(this) ? answer.asOf(now) : answer.asOf(now).asCollapsed();
    return new Update(update.number(), mine, update.isBelieved());
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  @Override
  public void close() {
    feed.unsubscribe(this);
  }
}
