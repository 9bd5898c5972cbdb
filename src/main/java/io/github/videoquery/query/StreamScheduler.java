package io.github.videoquery.query;

import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Schedules the heartbeats and the ends of all event streams. One thread wakes them. It lives while
 * a wake-up is scheduled; that of a stream that has ended stays until it is due.
 */
final class StreamScheduler {
  private static final Logger log = LoggerFactory.getLogger(StreamScheduler.class);

  /** Heartbeats come at this many moments of an interval: each 250 ms if it is 8 s. */
  private static final int HEARTBEATS_FALL_ON = 32;

  private final long heartbeatNanos;
  private final long maxAgeNanos;
  private final TaskFeeds feeds;
  private final TimeSource time;
  private final TreeMap<Long, List<Runnable>> wakeUps = new TreeMap<>();
  private @Nullable Thread thread;

  StreamScheduler(WaitProperties properties, TaskFeeds feeds, TimeSource time) {
    this.heartbeatNanos = properties.heartbeat().toNanos();
    this.maxAgeNanos = properties.maxStreamAge().toNanos();
    this.feeds = feeds;
    this.time = time;
  }

  TimeSource time() {
    return time;
  }

  boolean isStopping() {
    return feeds.isStopping();
  }

  /** Heartbeats of many streams fall together, so that the processor wakes up for them once. */
  long nextHeartbeat() {
    long latest = time.nanoTime() + heartbeatNanos;
    return latest - Math.floorMod(latest, heartbeatNanos / HEARTBEATS_FALL_ON);
  }

  /** When a stream that begins now must end: at a random moment of the last tenth of its age. */
  long endOfStream() {
    return time.nanoTime() + maxAgeNanos - ThreadLocalRandom.current().nextLong(maxAgeNanos / 10);
  }

  /**
   * Runs the wake-up once.
   *
   * @param moment on {@link TimeSource#nanoTime()}
   */
  synchronized void schedule(Runnable wakeUp, long moment) {
    boolean isFirst = wakeUps.isEmpty() || moment < wakeUps.firstKey();
    wakeUps.computeIfAbsent(moment, _ -> new ArrayList<>()).add(wakeUp);
    if (thread == null) {
      thread = Thread.ofVirtual().name("stream-scheduler").start(this::run);
    } else if (isFirst) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    for (Long moment = first(); moment != null; moment = first()) {
      if (moment - time.nanoTime() > 0) {
        time.parkUntil(this, moment);
      } else {
        take(moment).forEach(StreamScheduler::wake);
      }
    }
  }

  /** A defect of one stream must not end the heartbeats of the others. */
  private static void wake(Runnable stream) {
    try {
      stream.run();
    } catch (RuntimeException defect) {
      log.error("A stream cannot be woken", defect);
    }
  }

  /** The next moment; null if there is none, in which case the thread has to end. */
  private synchronized @Nullable Long first() {
    if (wakeUps.isEmpty()) {
      thread = null;
      return null;
    }
    return wakeUps.firstKey();
  }

  private synchronized List<Runnable> take(long moment) {
    List<Runnable> due = wakeUps.remove(moment);
    return due == null ? List.of() : due;
  }
}
