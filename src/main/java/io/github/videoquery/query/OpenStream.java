package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Subscription.Update;
import io.github.videoquery.cache.TaskFeeds;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;

/**
 * Sends the updates of feeds, and a comment at each heartbeat, until all tasks end, the caller
 * disconnects, its token expires, the service stops or the stream is too old, since some proxies
 * keep the stream of a caller that has gone.
 *
 * <p>A stream at rest holds no thread, because a parked one keeps its stack. Each wake-up starts a
 * thread. If one is at work already, that one looks for updates again.
 */
final class OpenStream implements Runnable {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  private final TaskFeeds feeds;
  private final StreamClock clock;
  private final EventStream events;
  private final List<Watched> tasks;
  private final Ending ending;
  private final Callback callback;
  private final Executor threads;
  private final AtomicInteger wakeUps = new AtomicInteger(1); // the one of begin()
  private final long end;
  private final boolean isEndOfToken;
  private long heartbeat;

  /** A task that is not over, and the subscription to its feed. */
  record Watched(TaskEventStream task, Subscription subscription) {
    boolean isToBeTold() {
      try {
        Update latest = subscription.peek();
        return latest != null && latest.isBelieved() && task.isToBeTold(latest.answer());
      } catch (IllegalStateException defect) { // the stream's own thread will meet it, too
        return true;
      }
    }
  }

  /** Sends what follows the last event about a task. */
  @FunctionalInterface
  interface Ending {
    /**
     * @param isExpired whether the client's token expired; if not, all tasks are over
     */
    void send(boolean isExpired) throws IOException;
  }

  /**
   * @param tasks are removed, and their subscriptions closed, when they are over
   * @param callback is completed when the stream has ended
   * @param threads start a thread for each job, which may block
   */
  OpenStream(
      TaskFeeds feeds,
      StreamClock clock,
      EventStream events,
      List<Watched> tasks,
      Client client,
      Ending ending,
      Callback callback,
      Executor threads) {
    this.feeds = feeds;
    this.clock = clock;
    this.events = events;
    this.tasks = tasks;
    this.ending = ending;
    this.callback = callback;
    long oldest = clock.endOfStream();
    this.end = client.expires(oldest, clock.time());
    this.isEndOfToken = end - oldest < 0;
    this.threads = threads;
  }

  /** Sends what is known by now, on the calling thread. */
  void begin() {
    tasks.forEach(watched -> watched.subscription.onUpdate(this));
    heartbeat = clock.nextHeartbeat();
    long first = nextWakeUp();
    if (work()) {
      clock.schedule(this::beat, first);
    }
  }

  /** Wakes the stream, because a feed has an update. */
  @Override
  public void run() {
    if (wakeUps.getAndIncrement() == 0) {
      threads.execute(this::work);
    }
  }

  /**
   * Sends the comment of a heartbeat. That needs no thread if nothing else is to be sent: the write
   * does not block.
   */
  private void beat() {
    if (wakeUps.getAndIncrement() != 0) {
      return; // the thread at work looks again
    }
    if (isOver() || tasks.stream().anyMatch(Watched::isToBeTold)) {
      threads.execute(this::work);
    } else if (isBefore(heartbeat)) { // a thread has sent it meanwhile, and scheduled the next one
      rest();
    } else {
      scheduleHeartbeat();
      events.comment(Callback.from(this::rest, callback::failed));
    }
  }

  private void rest() {
    if (!wakeUps.compareAndSet(1, 0)) {
      threads.execute(this::work);
    }
  }

  /** Sends what there is to send; false if the stream is over. */
  private boolean work() {
    try {
      int seen;
      do {
        seen = wakeUps.get();
        if (!goesOn()) {
          callback.succeeded(); // and no thread is started again
          return false;
        }
      } while (!wakeUps.compareAndSet(seen, 0));
      return true;
    } catch (IOException gone) {
      callback.failed(gone);
      return false;
    }
  }

  /** Sends what there is to tell; false if that was all. */
  private boolean goesOn() throws IOException {
    boolean isHeartbeat = !isBefore(heartbeat);
    tell(isHeartbeat);
    boolean isExpired = isEndOfToken && !isBefore(end);
    if (tasks.isEmpty() || isExpired) {
      ending.send(isExpired && !tasks.isEmpty());
      return false;
    }
    if (isOver()) {
      long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
      events.retry(RECONNECT_AFTER_MILLIS + spread);
      return false;
    }
    if (isHeartbeat) {
      events.comment();
      scheduleHeartbeat();
    }
    return true;
  }

  private boolean isOver() {
    return feeds.isStopping() || !isBefore(end);
  }

  private boolean isBefore(long moment) {
    return moment - clock.time().nanoTime() > 0;
  }

  private void tell(boolean evenIfEqual) throws IOException {
    Iterator<Watched> each = tasks.iterator();
    while (each.hasNext() && isBefore(end)) { // a slow reader takes its time
      Watched watched = each.next();
      Update update = watched.subscription.poll(evenIfEqual);
      if (update != null && update.isBelieved() && watched.task.tell(update.answer())) {
        watched.subscription.close();
        each.remove();
      }
    }
  }

  private void scheduleHeartbeat() {
    heartbeat = clock.nextHeartbeat();
    clock.schedule(this::beat, nextWakeUp());
  }

  private long nextWakeUp() {
    return heartbeat - end < 0 ? heartbeat : end;
  }
}
