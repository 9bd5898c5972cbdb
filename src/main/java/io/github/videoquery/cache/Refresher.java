package io.github.videoquery.cache;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.SharedCache.Lease;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.AccountReply;
import io.github.videoquery.upstream.Provider;
import io.github.videoquery.upstream.Provider.CallPermit;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the call of a flight, in this order: the permit, the lease that replicas share, the call
 * itself, and what is kept of its reply. A stale entry is the answer if the call fails.
 */
final class Refresher {
  /** A permit that comes sooner is waited for, even if a stale entry could be served. */
  private static final long SHORT_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final TaskStore store;
  private final Provider provider;
  private final Freshness freshness;
  private final TaskMetrics metrics;
  private final SharedCache shared;
  private final TimeSource time;
  private final Backoff backoff = new Backoff();

  Refresher(
      TaskStore store,
      Provider provider,
      Freshness freshness,
      TaskMetrics metrics,
      SharedCache shared,
      TimeSource time) {
    this.store = store;
    this.provider = provider;
    this.freshness = freshness;
    this.metrics = metrics;
    this.shared = shared;
    this.time = time;
  }

  /** Nanoseconds until a call would have its permit; 0 where no {@code max-rate} delays it. */
  long delayNanos(TaskQuery query, @Nullable CacheEntry known) {
    return provider.delayNanos(query, CacheEntry.accountOf(known));
  }

  /** Whether {@code max-rate} delays the call so long that nobody should wait for it. */
  boolean isDelayed(TaskQuery query, @Nullable CacheEntry known) {
    return delayNanos(query, known) > SHORT_DELAY_NANOS;
  }

  /** The answer of the flight. {@code known} is the entry, which is not fresh. */
  Answer call(TaskQuery query, Flight flight, @Nullable CacheEntry known, CallPurpose purpose) {
    boolean isDelayed = isDelayed(query, known);
    CacheEntry found =
        isDelayed
            ? store.putCopy(
                query, SharedCache.newer(shared.find(query), known, time), time.nanoTime())
            : null;
    Answer hit = Answer.hit(found, time);
    if (hit != null) { // another replica has called meanwhile
      return hit;
    }
    CacheEntry latest = found != null ? found : known;
    CallPermit permit =
        provider.acquire(query, CacheEntry.accountOf(latest), purpose.permitTimeout());
    latest = isDelayed ? store.peek(query) : latest; // which may have been evicted meanwhile
    if (permit == null) {
      return Answer.withoutPermit(latest, time);
    }
    flight.permitted(time.nanoTime());
    boolean isAwaited =
        purpose.isAwaited() || latest == null || !latest.isServable(time.nanoTime(), time);
    Lease lease = shared.lease(query, latest, isAwaited, flight::passedSharedCache);
    CacheEntry brought = null;
    try {
      found = store.putCopy(query, SharedCache.newer(lease.found(), latest, time), time.nanoTime());
      hit = Answer.hit(found, time);
      if (hit != null) {
        permit.giveBack();
        return hit;
      }
      Answer answer = call(query, permit, found != null ? found : latest, purpose, flight.held());
      brought = answer.stored() ? answer.entry() : null;
      return answer;
    } finally {
      lease.end().with(brought);
    }
  }

  private Answer call(
      TaskQuery query,
      CallPermit permit,
      @Nullable CacheEntry latest,
      CallPurpose purpose,
      HeldBodies held) {
    long start = time.nanoTime();
    CacheEntry known = latest != null && latest.isKept(start) ? latest : null;
    String account = CacheEntry.accountOf(known);
    long heldBack = backoff.remaining(account, start);
    if (heldBack > 0 && known != null && known.isServable(start, time)) {
      permit.giveBack();
      return Answer.stale(known, Backoff.refusal(heldBack), start, heldBack);
    }
    AccountReply reply = permit.call(account, purpose.mayQueue(), held);
    long now = time.nanoTime();
    backoff.note(reply, now);
    if (reply.reply() instanceof Known || known == null || !known.isServable(now, time)) {
      return keep(query, reply, known, start, now);
    }
    return !purpose.mayQueue() && reply.reply().equals(new Unreachable(Trouble.SATURATED))
        ? Answer.whileRevalidating(known, now) // there was no call
        : Answer.stale(known, reply.reply(), now, backoff.retryIn(reply.account(), now));
  }

  private Answer keep(
      TaskQuery query, AccountReply made, @Nullable CacheEntry known, long began, long now) {
    TaskReply reply = made.reply();
    String account = made.account();
    Instant today = time.instant();
    History history =
        (known == null ? History.first(today) : known.history()).after(reply, query.id(), today);
    Lifetime lifetime = freshness.of(reply, query.id(), history, today);
    if (reply instanceof Unfinished) {
      lifetime = lifetime.stretched(provider.delayNanos(query, account));
    }
    String model = metrics.model(query.id(), reply);
    var entry = new CacheEntry(reply, model, account, history, now, lifetime);
    Source source = known == null ? Source.MISS : Source.REFRESH;
    if (!lifetime.usable().isPositive()) {
      return Answer.failure(entry, source, now, backoff.retryIn(account, now));
    }
    boolean isStored = store.put(query, entry, began);
    metrics.stored(query.id(), reply, model, known);
    if (reply instanceof Unfinished && !entry.isEnded()) {
      metrics.unfinished(query.id(), model, history.age(query.id(), today));
    }
    return Answer.fresh(entry, source, isStored, now);
  }
}
