package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.Flights.Flight;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries: from a fresh entry, by joining a call in flight, from the cache that replicas
 * share, or by a call to the provider. A stale entry is served if that call fails.
 */
public final class TaskCache {
  /** The longest wait of a caller for the permit of a call. */
  private static final Duration PERMIT_TIMEOUT = Duration.ofSeconds(2);

  /** The same for a refresh in the background. */
  private static final Duration PERMIT_TIMEOUT_BEHIND = Duration.ofMinutes(1);

  /** The same for the feed of a task. */
  private static final Duration PERMIT_TIMEOUT_OF_FEED = Duration.ofMinutes(15);

  private final TaskStore store;
  private final Refresher refresher;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final Flights flights = new Flights();

  TaskCache(TaskStore store, Refresher refresher, TaskMetrics metrics, TimeSource time) {
    this.store = store;
    this.refresher = refresher;
    this.metrics = metrics;
    this.time = time;
  }

  /**
   * The answer from a fresh entry that can be given at once; never a call.
   *
   * @param gzip whether the body is needed compressed; null is returned if it is not compressed yet
   */
  public @Nullable Answer fresh(TaskQuery query, boolean gzip) {
    CacheEntry entry = store.get(query);
    return entry != null && gzip && entry.isWorthCompressing() && !entry.hasGzip()
        ? null
        : hit(entry);
  }

  /**
   * The fresh answer, or one by a call: made now, or joined. If the call fails: the stale entry, or
   * else the failure. Where {@code max-rate} delays the call by more than 250 ms, a stale entry is
   * the answer and the call is made behind. Blocks until there is an answer.
   */
  public Answer get(TaskQuery query) {
    var own = new Flight();
    Flight flight = flights.joinOrStart(query, own);
    return flight.equals(own) ? flyOwn(query, own) : join(query, flight);
  }

  private Answer flyOwn(TaskQuery query, Flight own) {
    CacheEntry known = store.peek(query); // the flight before this one may have just ended
    Answer answer =
        flights.fly(
            query,
            own,
            () -> {
              Answer hit = Answer.hit(known, time);
              boolean isBehind = hit == null && refresher.isDelayed(query, known);
              return hit != null || isBehind
                  ? hit
                  : refresher.call(query, own, known, PERMIT_TIMEOUT);
            });
    if (answer != null) {
      metrics.callsSaved(answer.hadCall() ? 0 : 1);
      return answer;
    }
    flights.flyBehind(query, own, () -> refresher.call(query, own, known, PERMIT_TIMEOUT_BEHIND));
    Answer stale = staleMeanwhile(query, known);
    return stale != null ? stale : awaited(query, own);
  }

  private Answer join(TaskQuery query, Flight flight) {
    CacheEntry known = store.peek(query);
    Answer hit = hit(known);
    if (hit != null) {
      return hit;
    }
    Answer stale = refresher.isDelayed(query, known) ? staleMeanwhile(query, known) : null;
    return stale != null ? stale : awaited(query, flight);
  }

  private @Nullable Answer staleMeanwhile(TaskQuery query, @Nullable CacheEntry known) {
    return Answer.withoutCall(known, refresher.delayNanos(query, known), time);
  }

  private Answer awaited(TaskQuery query, Flight flight) {
    metrics.callsSaved(1);
    Answer answer = flight.join(PERMIT_TIMEOUT);
    return answer != null ? answer : Answer.withoutPermit(store.peek(query), time);
  }

  /**
   * The answer for a feed: from an entry that is fresh for feeds, or by a call. Blocks, and leaves
   * it to the feed to count saved calls.
   */
  Answer refresh(TaskQuery query) {
    var own = new Flight();
    Flight flight = flights.joinOrStart(query, own);
    if (!flight.equals(own)) {
      Answer answer = flight.join(PERMIT_TIMEOUT_OF_FEED);
      return answer != null ? answer : Answer.withoutPermit(store.peek(query), time);
    }
    Answer answer =
        flights.fly(
            query,
            own,
            () -> {
              Answer hit = freshForFeed(query);
              CacheEntry known = hit == null ? store.peek(query) : null;
              return hit != null ? hit : refresher.call(query, own, known, PERMIT_TIMEOUT_OF_FEED);
            });
    return Objects.requireNonNull(answer);
  }

  /** The answer for a feed from an entry that is fresh for feeds. */
  @Nullable Answer freshForFeed(TaskQuery query) {
    CacheEntry entry = store.peek(query);
    long now = time.nanoTime();
    return entry != null && entry.isFreshForFeed(now, time)
        ? Answer.fresh(entry, Source.HIT, false, now)
        : null;
  }

  /**
   * The best answer without a call: the fresh one, or else the one given before, with its current
   * age, or else the stale one.
   *
   * @param before null if none was given
   */
  public @Nullable Answer known(TaskQuery query, @Nullable Answer before) {
    CacheEntry entry = store.peek(query);
    Answer hit = hit(entry);
    if (hit != null) {
      return hit;
    }
    return before != null
        ? before.asOf(time.nanoTime())
        : Answer.withoutCall(
            entry, Math.max(Backoff.RETRY_NANOS, refresher.delayNanos(query, entry)), time);
  }

  /** The entry's body compressed by gzip; null if there is no memory to compress it in. */
  public byte @Nullable [] gzip(TaskQuery query, CacheEntry entry) {
    return store.gzip(query, entry);
  }

  private @Nullable Answer hit(@Nullable CacheEntry entry) {
    Answer hit = Answer.hit(entry, time);
    if (hit != null) {
      metrics.callsSaved(1);
    }
    return hit;
  }
}
