package io.github.videoquery.cache;

import java.time.Duration;

/**
 * How long an answer is served, counted from when it came.
 *
 * @param fresh without asking again
 * @param usable in place of an answer while the provider fails; never shorter than {@code fresh}
 */
record Lifetime(Duration fresh, Duration usable) {
  /** Served to those who asked, and forgotten. */
  static final Lifetime NONE = new Lifetime(Duration.ZERO, Duration.ZERO);
}
