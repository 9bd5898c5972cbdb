package io.github.videoquery.cache;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An entry as given to a caller at one moment, and how it came about.
 *
 * @param stored whether the reply was stored in the cache
 * @param collapsed whether this query joined a call that was in flight
 * @param at when this answer was given, on {@link TimeSource#nanoTime()}
 * @param askAgainIn nanoseconds until a new query can give a new answer
 * @param failure the reply to the call that failed, for which this is the stale answer; null if
 *     there was none
 */
public record Answer(
    CacheEntry entry,
    Source source,
    boolean stored,
    boolean collapsed,
    long at,
    long askAgainIn,
    @Nullable TaskReply failure) {

  /** How an answer came about. */
  public enum Source {
    /** From the cache: fresh, or stale while a delayed call is on its way. */
    HIT,
    /** By a call; nothing was cached. */
    MISS,
    /** By a call, because the cached entry was stale. */
    REFRESH,
    /** From the cache, stale, and served because the provider failed. */
    STALE,
    /** From the cache, stale, and served while a call refreshes it (RFC 5861, section 3). */
    STALE_WHILE_REVALIDATE
  }

  /** The answer from an entry that is fresh; null if it is not. */
  static @Nullable Answer hit(@Nullable CacheEntry entry, TimeSource time) {
    long now = time.nanoTime();
    return entry != null && entry.isFresh(now, time) ? fresh(entry, Source.HIT, false, now) : null;
  }

  /** The answer from an entry that may be served, fresh or stale; null if it may not. */
  static @Nullable Answer withoutCall(
      @Nullable CacheEntry entry, long askAgainIn, TimeSource time) {
    long now = time.nanoTime();
    return entry != null && entry.isServable(now, time)
        ? new Answer(entry, Source.HIT, false, false, now, askAgainIn, null)
        : null;
  }

  /** The answer from a stale entry while a call refreshes it. */
  static Answer whileRevalidating(CacheEntry entry, long now) {
    return new Answer(
        entry, Source.STALE_WHILE_REVALIDATE, false, false, now, entry.askAgainNanos(now), null);
  }

  /** The answer to a query whose call got no permit: the stale entry, or a failure. */
  static Answer withoutPermit(@Nullable CacheEntry entry, TimeSource time) {
    Answer stale = withoutCall(entry, Backoff.RETRY_NANOS, time);
    if (stale != null) {
      return stale;
    }
    long now = time.nanoTime();
    var reply = new Unreachable(Trouble.PACED);
    var nothing =
        new CacheEntry(reply, "", null, History.first(time.instant()), now, Lifetime.NONE);
    return failure(nothing, Source.MISS, now, Backoff.RETRY_NANOS);
  }

  static Answer fresh(CacheEntry entry, Source source, boolean stored, long at) {
    return new Answer(
        entry, source, stored, false, at, entry.freshNanos() - entry.ageNanos(at), null);
  }

  static Answer failure(CacheEntry entry, Source source, long at, long askAgainIn) {
    return new Answer(entry, source, false, false, at, askAgainIn, null);
  }

  static Answer stale(CacheEntry entry, TaskReply failure, long at, long askAgainIn) {
    return new Answer(entry, Source.STALE, false, false, at, askAgainIn, failure);
  }

  /** The same answer at a later time. */
  Answer asOf(long now) {
    return new Answer(entry, source, stored, collapsed, now, askAgainIn - (now - at), failure);
  }

  /** The same answer for a subscriber that comes when it has been published. */
  Answer asHit(long now) {
    Answer later = asOf(now);
    return isStale() || entry.freshNanos() <= 0
        ? later
        : new Answer(entry, Source.HIT, false, false, now, later.askAgainIn, null);
  }

  /** Whether a call was made for this very answer, rather than for another one or none. */
  boolean hadCall() {
    return !isFromCache() && !collapsed;
  }

  /** Whether it is older than it should be. */
  public boolean isStale() {
    return source == Source.STALE || source == Source.STALE_WHILE_REVALIDATE;
  }

  private boolean isFromCache() {
    return source == Source.HIT || source == Source.STALE_WHILE_REVALIDATE;
  }

  /** The same answer for a query that joined the call; one without a call stays as it is. */
  Answer asCollapsed() {
    return isFromCache() ? this : new Answer(entry, source, false, true, at, askAgainIn, failure);
  }

  /** Whole seconds since the answer came from the provider. */
  public long ageSeconds() {
    return Duration.ofNanos(entry.ageNanos(at)).toSeconds();
  }

  /** Whole seconds the answer was good for when it came. */
  public long lifetimeSeconds() {
    return Duration.ofNanos(entry.freshNanos()).toSeconds();
  }

  /** Whole seconds, rounded down, until it is stale; negative if it is. */
  public long ttlSeconds() {
    return Math.floorDiv(entry.freshNanos() - entry.ageNanos(at), 1_000_000_000L);
  }

  /** Whole seconds, rounded up, until asking again can bring something new; at least 0. */
  public long askAgainInSeconds() {
    return askAgainIn <= 0 ? 0 : Duration.ofNanos(askAgainIn + 999_999_999).toSeconds();
  }

  /**
   * Nanoseconds that a feed waits before its next refresh. The same for all subscribers of a task.
   */
  public long pauseNanos() {
    boolean fresh = !isStale() && entry.freshNanos() > 0;
    return fresh ? entry.pauseNanos() - entry.ageNanos(at) : askAgainIn;
  }
}
