package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.time.TimeSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one loop that refreshes a task while it has subscribers: on the schedule of {@link
 * Freshness}, or after a failure on that of {@link Backoff}. It never writes to a caller: it keeps
 * the latest answer and wakes its subscribers, which write on threads of their own.
 */
final class TaskFeed implements Runnable {
  /** One "not found" is no proof for a young task; the third in a row is believed. */
  private static final int NOT_FOUND_BELIEVED = 3;

  /** Used if answers are never fresh, because {@code gateway.cache.unfinished-ttl} is 0. */
  private static final long SHORTEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final TaskQuery query;
  private final FeedCalls calls;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final TaskFeeds owner;
  private final Set<Subscription> subscribers = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private int notFound;
  private volatile @Nullable Subscription first;
  private volatile @Nullable Update latest;
  private volatile @Nullable Throwable defect;
  private volatile long due;

  TaskFeed(
      TaskQuery query, FeedCalls calls, TaskMetrics metrics, TimeSource time, TaskFeeds owner) {
    this.query = query;
    this.calls = calls;
    this.metrics = metrics;
    this.time = time;
    this.owner = owner;
    this.due = time.nanoTime();
    this.thread = Thread.ofVirtual().name("feed-", 0).unstarted(this);
  }

  TaskQuery query() {
    return query;
  }

  boolean hasSubscribers() {
    return !subscribers.isEmpty();
  }

  int subscribers() {
    return subscribers.size();
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    try {
      do {
        if (due - time.nanoTime() <= 0) {
          refresh();
        }
        pause();
      } while (owner.goesOn(this));
    } catch (RuntimeException | Error broken) {
      owner.remove(this); // before subscribers see the defect: a new subscriber gets a new feed
      defect = broken;
      wakeSubscribers();
    }
  }

  private void refresh() {
    try (HeldBodies held = calls.holder()) { // until the subscribers hold what they are to get
      publish(calls.refresh(query, held));
    }
  }

  /** Adds a subscriber: the calling thread, unless {@link Subscription#onUpdate} is called. */
  Subscription subscribe() {
    Answer hit = latest == null ? null : calls.fresh(query);
    synchronized (this) {
      if (hit != null && isNewer(hit)) { // than the failure, or the answer, that was published
        publish(hit);
        LockSupport.unpark(thread); // its pause has become another
      }
      Update current = latest;
      Answer toTell = current == null ? null : current.answer().asHit(time.nanoTime());
      boolean isCurrent = toTell != null && toTell.pauseNanos() > 0;
      long number = current == null ? 0 : current.number();
      var subscription =
          new Subscription(
              this, calls.holder(), isCurrent ? 0 : number, isCurrent ? number : 0, time);
      subscribers.add(subscription);
      first = first == null ? subscription : first;
      if (!isCurrent) {
        refreshNow();
      } else if (toTell != null && toTell.source() == Source.HIT) {
        metrics.callsSaved(1);
      }
      return subscription;
    }
  }

  synchronized void unsubscribe(Subscription subscription) {
    subscribers.remove(subscription);
    if (subscription.equals(first)) {
      first = subscribers.stream().findAny().orElse(null);
    }
    if (subscribers.isEmpty()) {
      LockSupport.unpark(thread);
    }
  }

  /** Whether calls count as made for this subscriber; for others they are collapsed. */
  boolean isFirst(Subscription subscription) {
    return subscription.equals(first);
  }

  /** Ends the pause: the task is refreshed at once, unless it is being refreshed. */
  void refreshNow() {
    due = time.nanoTime();
    LockSupport.unpark(thread);
  }

  void wakeSubscribers() {
    subscribers.forEach(Subscription::wake);
  }

  boolean isStopping() {
    return owner.isStopping();
  }

  /**
   * The latest answer; null if there is none yet.
   *
   * @throws IllegalStateException if a defect ended the feed
   */
  @Nullable Update latest() {
    Throwable broken = defect;
    if (broken != null) {
      throw new IllegalStateException(broken);
    }
    return latest;
  }

  /** Whether a fresh entry is better than what was published: a failure, or an older reply. */
  private boolean isNewer(Answer hit) {
    Update current = latest;
    long now = time.nanoTime();
    return current == null
        || current.answer().source() == Source.STALE
        || current.answer().entry().freshNanos() <= 0
        || hit.entry().ageNanos(now) < current.answer().entry().ageNanos(now);
  }

  private synchronized void publish(Answer answer) {
    Update before = latest;
    boolean isAnother = before == null || !before.answer().entry().equals(answer.entry());
    notFound =
        !(answer.entry().reply() instanceof NotFound) ? 0 : isAnother ? notFound + 1 : notFound;
    boolean isBelieved = notFound == 0 || notFound >= NOT_FOUND_BELIEVED;
    long pause = answer.pauseNanos();
    due = time.nanoTime() + (pause > 0 ? pause : SHORTEST_PAUSE);
    Update update = Update.after(before, answer, isBelieved);
    latest = update;
    metrics.callsSaved(Math.max(0, subscribers.size() - (answer.hadCall() ? 1 : 0)));
    subscribers.forEach(subscription -> subscription.wake(update));
  }

  private void pause() {
    while (due - time.nanoTime() > 0 && !owner.isStopping() && !isIdle()) {
      time.parkUntil(this, due);
    }
  }

  /** Without subscribers it ends early, unless it holds a failure or a "not found" count. */
  private boolean isIdle() {
    Update current = latest;
    return subscribers.isEmpty()
        && current != null
        && current.answer().source() != Source.STALE
        && current.answer().entry().reply() instanceof Known
        && current.answer().pauseNanos() > 0;
  }
}
