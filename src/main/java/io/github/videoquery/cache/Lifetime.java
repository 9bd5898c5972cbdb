package io.github.videoquery.cache;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer is served, counted from when it came.
 *
 * @param fresh without asking again
 * @param usable in place of an answer while the provider fails; never shorter than {@code fresh}
 * @param linkExpiresAt when the answer's video link dies, on the wall clock: from then on it is not
 *     served, whatever the durations say, as the clock may have jumped; null if that is not known,
 *     or had happened before the answer came
 */
record Lifetime(Duration fresh, Duration usable, @Nullable Instant linkExpiresAt) {
  /** So long before its link dies an answer is no longer fresh. */
  static final Duration LINK_MARGIN = Duration.ofMinutes(5);

  /** Served to those who asked, and forgotten. */
  static final Lifetime NONE = new Lifetime(Duration.ZERO, Duration.ZERO);

  Lifetime(Duration fresh, Duration usable) {
    this(fresh, usable, null);
  }

  /**
   * The same, usable for longer where the next question will have to wait for its turn.
   *
   * @param delayNanos how long a question would wait now; it may come to wait twice as long
   */
  Lifetime stretched(long delayNanos) {
    return new Lifetime(fresh, usable.plusNanos(2 * delayNanos), linkExpiresAt);
  }
}
