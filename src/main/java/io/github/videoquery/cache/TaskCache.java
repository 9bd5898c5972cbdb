package io.github.videoquery.cache;

import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries: from a fresh entry, by joining a call in flight, from the cache that replicas
 * share, or by a call to the provider. A stale entry is served if that call fails.
 */
public final class TaskCache {
  private final TaskStore store;
  private final Refresher refresher;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final Flights flights;
  private final Revalidation revalidation;
  private final FeedCalls feedCalls;

  TaskCache(
      TaskStore store,
      Refresher refresher,
      TaskMetrics metrics,
      BodyMemory memory,
      TimeSource time) {
    this.store = store;
    this.refresher = refresher;
    this.metrics = metrics;
    this.time = time;
    this.flights = new Flights(memory);
    this.revalidation = new Revalidation(flights, refresher, time);
    this.feedCalls = new FeedCalls(store, flights, refresher, revalidation, time);
  }

  /**
   * The answer from the cache that can be given at once: a fresh entry, or the stale one of a task
   * that has ended, which {@link #revalidate} then refreshes. Never a call.
   *
   * @param gzip whether the body is needed compressed; null is returned if it is not compressed yet
   */
  public @Nullable Answer fromCache(TaskQuery query, boolean gzip) {
    CacheEntry entry = store.get(query);
    if (gzip && entry != null && entry.isWorthCompressing() && !entry.hasGzip()) {
      return null;
    }
    Answer hit = hit(entry);
    return hit != null ? hit : revalidation.meanwhile(entry);
  }

  /**
   * Refreshes the entry of a stale answer on another thread, if that is needed.
   *
   * @param isPaid decides, when it is needed, whether a call may be made
   * @return whether a call is made
   */
  public boolean revalidate(TaskQuery query, Answer stale, BooleanSupplier isPaid) {
    boolean isStarted = revalidation.start(query, stale, isPaid);
    metrics.callsSaved(isStarted ? 0 : 1);
    return isStarted;
  }

  /**
   * The fresh answer, or one by a call: made now, or joined. If the call fails: the stale entry, or
   * else the failure. The stale entry of a task that has ended is the answer at once; that of
   * another task if the call takes more than 1 s, or {@code max-rate} delays it by more than 250
   * ms. The call then goes on. Blocks until there is an answer.
   *
   * @param held holds the answer that a call brings
   */
  public Answer get(TaskQuery query, HeldBodies held) {
    Flight own = flights.newFlight();
    Flight flight = flights.joinOrStart(query, own);
    flight.handTo(held);
    return flight.equals(own) ? flyOwn(query, own) : join(query, flight);
  }

  private Answer flyOwn(TaskQuery query, Flight own) {
    CacheEntry known = store.peek(query); // the flight before this one may have just ended
    var purpose = new AtomicReference<>(CallPurpose.FIRST_ANSWER);
    Answer answer =
        flights.fly(
            query,
            own,
            () -> {
              Answer ready = revalidation.withoutCall(known);
              if (ready == null) {
                purpose.set(revalidation.purpose(query, known));
              }
              return ready != null || purpose.get() != CallPurpose.FIRST_ANSWER
                  ? ready
                  : refresher.call(query, own, known, CallPurpose.FIRST_ANSWER);
            });
    if (answer != null) {
      metrics.callsSaved(answer.hadCall() ? 0 : 1);
      return answer;
    }
    Answer meanwhile = revalidation.meanwhile(known);
    if (meanwhile == null && purpose.get() == CallPurpose.DELAYED_REFRESH) {
      meanwhile = staleMeanwhile(query, known);
    }
    revalidation.fly(query, own, known, purpose.get());
    if (meanwhile != null) {
      return meanwhile;
    }
    Answer refreshed = revalidation.isPossible(known) ? revalidation.await(own, known) : null;
    if (refreshed == null) {
      return awaited(query, own);
    }
    metrics.callsSaved(refreshed.source() == Answer.Source.HIT ? 1 : 0);
    return refreshed;
  }

  private Answer join(TaskQuery query, Flight flight) {
    CacheEntry known = store.peek(query);
    Answer hit = hit(known);
    Answer ready = hit != null ? hit : revalidation.meanwhile(known);
    if (ready == null && refresher.isDelayed(query, known)) {
      ready = staleMeanwhile(query, known);
    }
    if (ready != null) {
      metrics.callsSaved(hit != null ? 0 : 1); // a hit has been counted
      return ready;
    }
    Answer refreshed = revalidation.isPossible(known) ? revalidation.await(flight, known) : null;
    metrics.callsSaved(1);
    return refreshed == null ? awaited(query, flight) : refreshed.asCollapsed();
  }

  private @Nullable Answer staleMeanwhile(TaskQuery query, @Nullable CacheEntry known) {
    return Answer.withoutCall(known, refresher.delayNanos(query, known), time);
  }

  private Answer awaited(TaskQuery query, Flight flight) {
    Answer answer = flight.join(CallPurpose.FIRST_ANSWER.permitTimeout(), time);
    return answer != null ? answer : Answer.withoutPermit(store.peek(query), time);
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

  /** The same cache and calls, for feeds. */
  FeedCalls feedCalls() {
    return feedCalls;
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
