package io.github.videoquery.access;

import java.time.Duration;

/**
 * How often a client may send queries.
 *
 * @param perSecond queries per second, on average
 * @param burst queries at once after a pause
 */
record Rate(double perSecond, int burst) {
  /** The smallest rate: one query per 1000 seconds. */
  private static final double MIN_PER_SECOND = 0.001;

  /** The bucket gets at most one token per nanosecond. */
  private static final double MAX_PER_SECOND = 1e6;

  boolean isValid() {
    return perSecond >= MIN_PER_SECOND && perSecond <= MAX_PER_SECOND && burst >= 1;
  }

  /** How long it takes to earn a whole burst. */
  Duration window() {
    return Duration.ofMillis((long) Math.ceil(1000.0 * burst / perSecond));
  }
}
