package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Subscription.Update;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends the updates of feeds, and a comment at each heartbeat, until all tasks end, the caller
 * disconnects, its token expires, the service stops or the stream is too old, since some proxies
 * keep the stream of a caller that has gone. Streams that began together end within a tenth of that
 * time.
 */
final class EventStreamLoop {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  /** So many moments of an interval have heartbeats: each 250 ms, if the interval is 8 s. */
  private static final int HEARTBEATS_FALL_ON = 32;

  private final TaskFeeds feeds;
  private final EventStream events;
  private final long heartbeatNanos;
  private final long maxAgeNanos;
  private final TimeSource time;

  EventStreamLoop(TaskFeeds feeds, EventStream events, WaitProperties properties, TimeSource time) {
    this.feeds = feeds;
    this.events = events;
    this.heartbeatNanos = properties.heartbeat().toNanos();
    this.maxAgeNanos = properties.maxStreamAge().toNanos();
    this.time = time;
  }

  /** A task that is not over, and the subscription of the thread that runs the loop. */
  record Watched(TaskEventStream task, Subscription subscription) {}

  /**
   * Blocks the calling thread.
   *
   * @param tasks are removed, and their subscriptions closed, when they are over
   * @return whether the client's token expired before
   */
  boolean run(List<Watched> tasks, Client client) throws IOException {
    long latest =
        time.nanoTime() + maxAgeNanos - ThreadLocalRandom.current().nextLong(maxAgeNanos / 10);
    long expires = client.expires(latest, time);
    long heartbeat = nextHeartbeat();
    while (!tasks.isEmpty()) {
      if (expires - latest < 0 && expires - time.nanoTime() <= 0) {
        return true;
      }
      if (feeds.isStopping() || latest - time.nanoTime() <= 0) {
        long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
        events.retry(RECONNECT_AFTER_MILLIS + spread);
        return false;
      }
      boolean isHeartbeat = heartbeat - time.nanoTime() <= 0;
      boolean isTold = tell(tasks, isHeartbeat, expires);
      if (isHeartbeat && !tasks.isEmpty()) {
        events.comment();
        heartbeat = nextHeartbeat();
      }
      if (!isTold && !isHeartbeat) { // else a wake-up may have gone lost while it was written
        time.parkUntil(this, heartbeat - expires < 0 ? heartbeat : expires);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("Interrupted");
      }
    }
    return false;
  }

  /** Whether there was something to tell. */
  private boolean tell(List<Watched> tasks, boolean evenIfEqual, long expires) throws IOException {
    boolean isTold = false;
    Iterator<Watched> each = tasks.iterator();
    while (each.hasNext() && expires - time.nanoTime() > 0) { // a slow reader takes its time
      Watched watched = each.next();
      Update update = watched.subscription.poll(evenIfEqual);
      isTold = isTold || update != null;
      if (update != null && update.isBelieved() && watched.task.tell(update.answer())) {
        watched.subscription.close();
        each.remove();
      }
    }
    return isTold;
  }

  /** Heartbeats of many streams fall together, so that the processor wakes up for them once. */
  private long nextHeartbeat() {
    long latest = time.nanoTime() + heartbeatNanos;
    return latest - Math.floorMod(latest, heartbeatNanos / HEARTBEATS_FALL_ON);
  }
}
