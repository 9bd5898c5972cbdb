package io.github.videoquery.cache;

import java.time.Duration;

/**
 * What is known of a task at one moment, and how it came to be known.
 *
 * @param stored whether the fetched answer is remembered
 * @param collapsed whether the fetch was made for somebody else who asked the same
 * @param at the ticker's time this answer was given
 */
public record Answer(Snapshot snapshot, Source source, boolean stored, boolean collapsed, long at) {

  /** How an answer came about. */
  public enum Source {
    /** Remembered and fresh. */
    HIT,
    /** Fetched for this question; nothing usable was remembered. */
    MISS,
    /** Fetched for this question because what was remembered was no longer fresh. */
    REFRESH,
    /** Remembered, no longer fresh, and served because the provider failed. */
    STALE
  }

  Answer asCollapsed() {
    return new Answer(snapshot, source, false, true, at);
  }

  /** Whole seconds since the answer came from the provider. */
  public long ageSeconds() {
    return Duration.ofNanos(snapshot.ageNanos(at)).toSeconds();
  }

  /** Whole seconds the answer was good for when it came. */
  public long lifetimeSeconds() {
    return Duration.ofNanos(snapshot.freshNanos()).toSeconds();
  }

  /** Whole seconds, rounded up, until asking again can bring something new; 0 if at once. */
  public long freshForSeconds() {
    long left = snapshot.freshNanos() - snapshot.ageNanos(at);
    return left <= 0 ? 0 : Duration.ofNanos(left + 999_999_999).toSeconds();
  }
}
