package io.github.videoquery.cache;

import java.time.Duration;

/**
 * How much longer one query, or one refresh, waits for Redis in all. While the holder of the lease
 * is waited for, answers cost nothing: the query would wait without Redis, too.
 */
final class RedisTimeout {
  /** For a query that a caller waits for. */
  static final Duration QUERY = Duration.ofMillis(SharedCache.LONGEST_DELAY_MILLIS);

  /** For a refresh in the background, as a feed's. */
  static final Duration BACKGROUND = Duration.ofMillis(500);

  private long left;
  private boolean isWaitingForHolder;

  RedisTimeout(Duration longest) {
    this.left = longest.toNanos();
  }

  long leftNanos() {
    return left;
  }

  boolean isSpent() {
    return left <= 0;
  }

  void waitForHolder() {
    isWaitingForHolder = true;
  }

  void answered(long nanos) {
    left -= isWaitingForHolder ? 0 : nanos;
  }

  void failed(long nanos) {
    left -= nanos;
  }
}
