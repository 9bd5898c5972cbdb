package io.github.videoquery.cache;

import java.time.Duration;

/**
 * What is known of a task at one moment, and how it came to be known.
 *
 * @param stored whether the fetched answer is remembered
 * @param collapsed whether the fetch was made for somebody else who asked the same
 * @param at the ticker's time this answer was given
 * @param askAgainIn nanoseconds until asking again can bring something new
 */
public record Answer(
    CacheEntry snapshot,
    Source source,
    boolean stored,
    boolean collapsed,
    long at,
    long askAgainIn) {

  /** How an answer came about. */
  public enum Source {
    /** Remembered: fresh, or as good as there is until an answer on its way has come. */
    HIT,
    /** Fetched for this question; nothing usable was remembered. */
    MISS,
    /** Fetched for this question because what was remembered was no longer fresh. */
    REFRESH,
    /** Remembered, no longer fresh, and served because the provider failed. */
    STALE
  }

  static Answer fresh(CacheEntry snapshot, Source source, boolean stored, long at) {
    return new Answer(
        snapshot, source, stored, false, at, snapshot.freshNanos() - snapshot.ageNanos(at));
  }

  static Answer failure(CacheEntry snapshot, Source source, long at, long askAgainIn) {
    return new Answer(snapshot, source, false, false, at, askAgainIn);
  }

  static Answer stale(CacheEntry snapshot, long at, long askAgainIn) {
    return new Answer(snapshot, Source.STALE, false, false, at, askAgainIn);
  }

  /** The same answer at a later time. */
  Answer asOf(long now) {
    return new Answer(snapshot, source, stored, collapsed, now, askAgainIn - (now - at));
  }

  /** The same answer for one who joined the call; one from memory stays what it is. */
  Answer asCollapsed() {
    return source == Source.HIT ? this : new Answer(snapshot, source, false, true, at, askAgainIn);
  }

  /** Whole seconds since the answer came from the provider. */
  public long ageSeconds() {
    return Duration.ofNanos(snapshot.ageNanos(at)).toSeconds();
  }

  /** Whole seconds the answer was good for when it came. */
  public long lifetimeSeconds() {
    return Duration.ofNanos(snapshot.freshNanos()).toSeconds();
  }

  /** Whole seconds, rounded up, until asking again can bring something new; at least 0. */
  public long askAgainInSeconds() {
    return askAgainIn <= 0 ? 0 : Duration.ofNanos(askAgainIn + 999_999_999).toSeconds();
  }

  /**
   * Nanoseconds that one who waits for news should let pass before asking again: all who wait for a
   * task are told the same moment.
   */
  public long pauseNanos() {
    boolean fresh = source != Source.STALE && snapshot.freshNanos() > 0;
    return fresh ? snapshot.pauseNanos() - snapshot.ageNanos(at) : askAgainIn;
  }
}
