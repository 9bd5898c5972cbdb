package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Subscription.Update;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends the updates of a feed, and a comment at each heartbeat, until the task ends, the caller
 * disconnects, the service stops or the stream is too old, since some proxies keep the stream of a
 * caller that has gone. Streams that began together end within a tenth of that time.
 */
final class EventStreamLoop {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  /** So many moments of an interval have heartbeats: each 250 ms, if the interval is 8 s. */
  private static final int HEARTBEATS_FALL_ON = 32;

  private final TaskFeeds feeds;
  private final EventStream events;
  private final TaskEventStream task;
  private final long heartbeatNanos;
  private final long maxAgeNanos;
  private final TimeSource time;

  EventStreamLoop(
      TaskFeeds feeds,
      EventStream events,
      TaskEventStream task,
      WaitProperties properties,
      TimeSource time) {
    this.feeds = feeds;
    this.events = events;
    this.task = task;
    this.heartbeatNanos = properties.heartbeat().toNanos();
    this.maxAgeNanos = properties.maxStreamAge().toNanos();
    this.time = time;
  }

  /**
   * Blocks the calling thread.
   *
   * @param first null if there was none within the time in which it decides the status
   */
  void run(@Nullable Answer first, Subscription subscription) throws IOException {
    long latest =
        time.nanoTime() + maxAgeNanos - ThreadLocalRandom.current().nextLong(maxAgeNanos / 10);
    events.begin();
    boolean ended = first != null && task.tell(first);
    long heartbeat = nextHeartbeat();
    while (!ended) {
      @Nullable Update update = subscription.next(heartbeat - latest < 0 ? heartbeat : latest);
      if (feeds.isStopping() || latest - time.nanoTime() <= 0) {
        long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
        events.retry(RECONNECT_AFTER_MILLIS + spread);
        return;
      }
      if (update != null && update.isBelieved()) {
        ended = task.tell(update.answer());
      }
      if (heartbeat - time.nanoTime() <= 0) {
        events.comment();
        heartbeat = nextHeartbeat();
      }
    }
  }

  /** Heartbeats of many streams fall together, so that the processor wakes up for them once. */
  private long nextHeartbeat() {
    long latest = time.nanoTime() + heartbeatNanos;
    return latest - Math.floorMod(latest, heartbeatNanos / HEARTBEATS_FALL_ON);
  }
}
