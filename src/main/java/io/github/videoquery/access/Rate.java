package io.github.videoquery.access;

import java.time.Duration;

/**
 * How often a client may ask.
 *
 * @param perSecond questions a second in the long run
 * @param burst questions at once after a pause
 */
record Rate(double perSecond, int burst) {
  /** The smallest rate that can be told from none: a question each thousand seconds. */
  private static final double MIN_PER_SECOND = 0.001;

  /** The bucket earns no more than a token a nanosecond. */
  private static final double MAX_PER_SECOND = 1e6;

  boolean isValid() {
    return perSecond >= MIN_PER_SECOND && perSecond <= MAX_PER_SECOND && burst >= 1;
  }

  /** How long it takes to earn a whole burst. */
  Duration window() {
    return Duration.ofMillis((long) Math.ceil(1000.0 * burst / perSecond));
  }
}
