package io.github.videoquery.cache;

import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Connects to Redis at the start, and runs the operations of a query, many at once, until they are
 * quick: else the first queries of this replica would be too late, and each would make a call of
 * its own. A Redis that cannot be reached, or is slow, delays the start by two seconds at most.
 */
final class RedisWarmUp {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int AT_ONCE = 50;
  private static final int ROUNDS = 20;
  private static final long QUICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long COLD_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final RedisThreads threads;
  private final TimeSource time;
  private final long startedAt;
  private volatile boolean hasAnswered;

  RedisWarmUp(RedisThreads threads, TimeSource time) {
    this.threads = threads;
    this.time = time;
    this.startedAt = time.nanoTime();
  }

  /**
   * @param operations those of one query
   */
  void run(Runnable operations) {
    hasAnswered = threads.within(TIMEOUT, () -> untilQuick(operations)) != null;
  }

  private Boolean untilQuick(Runnable operations) throws Exception {
    long took = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && took > QUICK_NANOS; round++) {
      long start = time.nanoTime();
      threads.atOnce(AT_ONCE, operations);
      took = time.nanoTime() - start;
    }
    return true;
  }

  /**
   * Whether a late answer says nothing of Redis, because our own code is slow: 20 s after a start
   * at which Redis answered.
   */
  boolean isCold() {
    return hasAnswered && time.nanoTime() - startedAt < COLD_NANOS;
  }
}
