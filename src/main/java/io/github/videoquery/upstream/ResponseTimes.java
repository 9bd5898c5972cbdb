package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import java.util.concurrent.TimeUnit;

/**
 * How long one provider lately took to the first byte of a response, and so how long a reused
 * connection may be silent before the request is sent again on a new one. A dead connection looks
 * like a slow provider; the bound tells them apart without sending each request to a slow provider
 * twice.
 */
final class ResponseTimes {
  private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final TimeSource time;
  private volatile long windowEnds;
  private volatile long slowest;
  private volatile long slowestBefore;

  ResponseTimes(TimeSource time) {
    this.time = time;
    this.windowEnds = time.nanoTime() + WINDOW_NANOS;
  }

  /** Twice the slowest of the last 30 to 60 s, and at least 2 s. */
  long firstByteNanos() {
    turn();
    return Math.max(LEAST_NANOS, 2 * Math.max(slowest, slowestBefore));
  }

  void firstByte(long nanos) {
    turn();
    if (nanos > slowest) {
      record(nanos);
    }
  }

  private synchronized void record(long nanos) {
    slowest = Math.max(slowest, nanos);
  }

  private void turn() {
    if (time.nanoTime() - windowEnds >= 0) {
      beginWindow();
    }
  }

  private synchronized void beginWindow() {
    long late = time.nanoTime() - windowEnds;
    if (late >= 0) {
      slowestBefore = late < WINDOW_NANOS ? slowest : 0;
      slowest = 0;
      windowEnds += late - late % WINDOW_NANOS + WINDOW_NANOS;
    }
  }
}
