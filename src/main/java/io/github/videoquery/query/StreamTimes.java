package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.time.TimeSource;

/** When the next comment of a stream is due, and when the stream has to end. */
final class StreamTimes {
  private final StreamScheduler scheduler;
  private final TimeSource time;
  private final long end;
  private final boolean endsWithToken;
  private long heartbeat;

  StreamTimes(StreamScheduler scheduler, Client client) {
    this.scheduler = scheduler;
    this.time = scheduler.time();
    long latestEnd = scheduler.endOfStream();
    this.end = client.expires(latestEnd, time);
    this.endsWithToken = end - latestEnd < 0;
    this.heartbeat = scheduler.nextHeartbeat();
  }

  boolean isHeartbeatDue() {
    return heartbeat - time.nanoTime() <= 0;
  }

  /** Whether the stream is too old, or its client's token has expired. */
  boolean hasReachedEnd() {
    return end - time.nanoTime() <= 0;
  }

  boolean isTokenExpired() {
    return endsWithToken && hasReachedEnd();
  }

  /** Whether it has to end, for one of these reasons or because the service stops. */
  boolean mustEnd() {
    return hasReachedEnd() || scheduler.isStopping();
  }

  /** Moves on to the next heartbeat. */
  void next() {
    heartbeat = scheduler.nextHeartbeat();
  }

  /** When something is due even without an update, on {@link TimeSource#nanoTime()}. */
  long nextWakeUp() {
    return heartbeat - end < 0 ? heartbeat : end;
  }
}
