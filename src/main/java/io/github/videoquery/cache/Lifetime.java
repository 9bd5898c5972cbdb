package io.github.videoquery.cache;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long an entry is served, counted from when the reply came.
 *
 * @param fresh how long without a call
 * @param usable how long in all, fresh and then stale; never shorter than {@code fresh}
 * @param linkExpiresAt when the answer's video link dies, on the wall clock: from then on it is not
 *     served, whatever the durations say, as the clock may have jumped; null if that is not known,
 *     or had happened before the answer came
 */
record Lifetime(Duration fresh, Duration usable, @Nullable Instant linkExpiresAt) {
  /** An entry becomes stale this long before its link expires. */
  static final Duration LINK_MARGIN = Duration.ofMinutes(5);

  /** Served to the waiting callers, and not cached. */
  static final Lifetime NONE = new Lifetime(Duration.ZERO, Duration.ZERO);

  Lifetime(Duration fresh, Duration usable) {
    this(fresh, usable, null);
  }

  /**
   * The same, with a longer stale time, because the next call will wait for its permit.
   *
   * @param delayNanos how long a call would wait now; the real wait may be twice as long
   */
  Lifetime stretched(long delayNanos) {
    return new Lifetime(fresh, usable.plusNanos(2 * delayNanos), linkExpiresAt);
  }
}
