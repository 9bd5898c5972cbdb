package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves stale entries while calls refresh them ({@code stale-while-revalidate}, RFC 5861, section
 * 3): that of a task that has ended at once, that of another task if the call takes more than 1 s.
 * A task whose refresh failed is left alone for 5 s.
 */
final class Revalidation {
  private static final Duration REFRESH_TIMEOUT = Duration.ofSeconds(1);

  private final Flights flights;
  private final Refresher refresher;
  private final TimeSource time;

  Revalidation(Flights flights, Refresher refresher, TimeSource time) {
    this.flights = flights;
    this.refresher = refresher;
    this.time = time;
  }

  /** The answer from the stale entry, if nobody should wait for a call. */
  @Nullable Answer meanwhile(@Nullable CacheEntry entry) {
    long now = time.nanoTime();
    if (entry == null || entry.isFresh(now, time)) {
      return null;
    }
    boolean isResting = entry.isResting(now) && entry.isServable(now, time);
    return isResting || entry.isServableMeanwhile(now, time)
        ? Answer.whileRevalidating(entry, now)
        : null;
  }

  /** The answer from an entry that is fresh, or whose refresh has just failed. */
  @Nullable Answer withoutCall(@Nullable CacheEntry entry) {
    Answer hit = Answer.hit(entry, time);
    return hit != null || entry == null || !entry.isResting(time.nanoTime())
        ? hit
        : meanwhile(entry);
  }

  /**
   * Refreshes the entry of a stale answer on another thread, unless that is under way, or has just
   * failed, or is not paid for.
   */
  boolean start(TaskQuery query, Answer stale, BooleanSupplier isPaid) {
    CacheEntry entry = stale.entry();
    if (stale.source() != Source.STALE_WHILE_REVALIDATE
        || entry.isResting(time.nanoTime())
        || flights.isUnderWay(query)
        || !isPaid.getAsBoolean()) {
      return false;
    }
    Flight own = flights.newFlight();
    boolean isOwn = flights.joinOrStart(query, own).equals(own);
    if (isOwn) {
      fly(query, own, entry, purpose(query, entry));
    }
    return isOwn;
  }

  /** What the call for an entry is for that is not fresh. */
  CallPurpose purpose(TaskQuery query, @Nullable CacheEntry known) {
    if (refresher.isDelayed(query, known)) {
      return CallPurpose.DELAYED_REFRESH;
    }
    if (meanwhile(known) != null) {
      return CallPurpose.REVALIDATION;
    }
    return isPossible(known) ? CallPurpose.REFRESH : CallPurpose.FIRST_ANSWER;
  }

  /**
   * Whether there is an entry to serve if the call takes long. With {@code unfinished-ttl=0s} a
   * query about an unfinished task waits for its call.
   */
  boolean isPossible(@Nullable CacheEntry known) {
    return known != null
        && (!(known.reply() instanceof Unfinished) || known.freshNanos() > 0)
        && known.isServable(time.nanoTime(), time);
  }

  /**
   * Waits for a call for a short time, and for the shared cache before it for a shorter one.
   *
   * @return the call's answer, else the stale one, if it could be served when this began; null if
   *     it could not, or its link is dead
   */
  @Nullable Answer await(Flight flight, @Nullable CacheEntry known) {
    long start = time.nanoTime();
    long deadline = start + REFRESH_TIMEOUT.toNanos();
    long now = start;
    while (deadline - now > 0 && !flight.isHeldUp(now)) {
      long step = Math.min(deadline - now, flight.unaskedNanos(now));
      Answer answer = flight.await(Duration.ofNanos(step), time);
      if (answer != null) {
        return answer;
      }
      now = time.nanoTime();
    }
    return known != null && known.isServable(start, time)
        ? Answer.whileRevalidating(known, now)
        : null;
  }

  /** Makes the caller's own call on another thread. */
  void fly(TaskQuery query, Flight own, @Nullable CacheEntry known, CallPurpose purpose) {
    flights.flyBehind(
        query,
        own,
        () -> {
          long start = time.nanoTime();
          Answer answer = refresher.call(query, own, known, purpose);
          long now = time.nanoTime();
          boolean isUnseen =
              purpose != CallPurpose.REFRESH || now - start >= REFRESH_TIMEOUT.toNanos();
          if (known != null && answer.source() == Source.STALE && isUnseen) {
            known.rest(now + Backoff.RETRY_NANOS);
          }
          return answer;
        });
  }
}
