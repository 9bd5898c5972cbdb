package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers feeds. It differs from {@link TaskCache#get}: an entry is fresh until the pause of its
 * feed is over, a call may wait long for its permit, and the feed counts saved calls.
 */
final class FeedCalls {
  private final TaskStore store;
  private final Flights flights;
  private final Refresher refresher;
  private final Revalidation revalidation;
  private final TimeSource time;

  FeedCalls(
      TaskStore store,
      Flights flights,
      Refresher refresher,
      Revalidation revalidation,
      TimeSource time) {
    this.store = store;
    this.flights = flights;
    this.refresher = refresher;
    this.revalidation = revalidation;
    this.time = time;
  }

  /**
   * The answer from an entry that is fresh for feeds, from the stale entry of a task that has ended
   * (which is then refreshed behind), or by a call. Blocks.
   *
   * @param held holds the answer that a call brings
   */
  Answer refresh(TaskQuery query, HeldBodies held) {
    Flight own = flights.newFlight();
    Flight flight = flights.joinOrStart(query, own);
    flight.handTo(held);
    CacheEntry known = store.peek(query);
    Answer ended = ended(known);
    if (!flight.equals(own)) {
      Answer answer = ended != null ? ended : flight.join(CallPurpose.FEED.permitTimeout(), time);
      return answer != null ? answer : Answer.withoutPermit(store.peek(query), time);
    }
    Answer answer =
        flights.fly(
            query,
            own,
            () -> {
              Answer hit = fresh(known);
              if (hit != null || ended == null) {
                return hit != null ? hit : refresher.call(query, own, known, purpose(known));
              }
              return revalidation.withoutCall(known);
            });
    if (answer != null) {
      return answer;
    }
    revalidation.fly(query, own, known, revalidation.purpose(query, known));
    return Objects.requireNonNull(ended);
  }

  /** A new holder of bodies. */
  HeldBodies holder() {
    return flights.holder();
  }

  private CallPurpose purpose(@Nullable CacheEntry known) {
    return known != null && known.isServable(time.nanoTime(), time)
        ? CallPurpose.FEED_REFRESH
        : CallPurpose.FEED;
  }

  /** The answer from the stale entry of a task that has ended. */
  private @Nullable Answer ended(@Nullable CacheEntry known) {
    return known != null && known.isEnded() ? revalidation.meanwhile(known) : null;
  }

  /** The answer from an entry that is fresh for feeds. */
  @Nullable Answer fresh(TaskQuery query) {
    return fresh(store.peek(query));
  }

  private @Nullable Answer fresh(@Nullable CacheEntry entry) {
    long now = time.nanoTime();
    return entry != null && entry.isFreshForFeed(now, time)
        ? Answer.fresh(entry, Source.HIT, false, now)
        : null;
  }
}
