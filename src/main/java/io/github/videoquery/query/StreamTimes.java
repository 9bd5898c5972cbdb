package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.time.TimeSource;

/** When the next comment of a stream is due, and when the stream has to end. */
final class StreamTimes {
  private final StreamClock clock;
  private final TimeSource time;
  private final long end;
  private final boolean isEndOfToken;
  private long heartbeat;

  StreamTimes(StreamClock clock, Client client, TimeSource time) {
    this.clock = clock;
    this.time = time;
    long oldest = clock.endOfStream();
    this.end = client.expires(oldest, time);
    this.isEndOfToken = end - oldest < 0;
    this.heartbeat = clock.nextHeartbeat();
  }

  boolean isHeartbeat() {
    return heartbeat - time.nanoTime() <= 0;
  }

  /** Whether the stream is too old, or its client's token has expired. */
  boolean isEnd() {
    return end - time.nanoTime() <= 0;
  }

  boolean isExpired() {
    return isEndOfToken && isEnd();
  }

  /** Whether it has to end, for one of these reasons or because the service stops. */
  boolean isOver() {
    return isEnd() || clock.isStopping();
  }

  /** The heartbeat was sent. */
  void next() {
    heartbeat = clock.nextHeartbeat();
  }

  /** When there is something to do even without news, on {@link TimeSource#nanoTime()}. */
  long nextWakeUp() {
    return heartbeat - end < 0 ? heartbeat : end;
  }
}
