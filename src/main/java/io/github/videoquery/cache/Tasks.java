package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * The latest known answer about each task: remembered while fresh, fetched once however many ask at
 * the same time, and served stale while the provider fails.
 *
 * <p>A call in flight belongs to nobody who waits for it: callers that hang up neither cancel nor
 * shorten it.
 */
public final class Tasks {
  /** How long a caller should wait after a failure of the provider. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final Duration LONGEST_HOLD = Duration.ofSeconds(30);

  private final CaffeineCache snapshots;
  private final ConcurrentMap<TaskQuery, CompletableFuture<Answer>> flights =
      new ConcurrentHashMap<>();
  private final Function<TaskQuery, TaskReply> upstream;
  private final List<String> forwardParameters;
  private final Retention retention;
  private final TaskMetrics metrics;
  private final Ticker ticker;
  private final InstantSource clock;
  private final AtomicLong heldBackUntil;

  Tasks(
      CaffeineCache snapshots,
      Function<TaskQuery, TaskReply> upstream,
      List<String> forwardParameters,
      Retention retention,
      TaskMetrics metrics,
      Ticker ticker,
      InstantSource clock) {
    this.snapshots = snapshots;
    this.upstream = upstream;
    this.forwardParameters = forwardParameters;
    this.retention = retention;
    this.metrics = metrics;
    this.ticker = ticker;
    this.clock = clock;
    this.heldBackUntil = new AtomicLong(ticker.read());
  }

  /** The names of the query parameters that belong to a question besides the task's id. */
  public List<String> forwardParameters() {
    return forwardParameters;
  }

  /**
   * The remembered answer, if it is fresh and can be given at once; never asks the provider.
   *
   * @param gzip whether it is to be given compressed: then it may yet have to be
   */
  public @Nullable Answer remembered(TaskQuery query, boolean gzip) {
    Snapshot snapshot = snapshots.get(query, Snapshot.class);
    return snapshot != null && gzip && snapshot.isWorthCompressing() && !snapshot.hasGzip()
        ? null
        : hit(snapshot);
  }

  /**
   * The fresh answer: remembered, or brought by a call in flight, or by a call made now. Where the
   * provider fails: the last usable answer, or else the failure. Blocks until there is one.
   */
  public Answer latest(TaskQuery query) {
    return latest(query, this::hit);
  }

  /** The same for one who waits for news, and asks again after each {@link Answer#pauseNanos()}. */
  public Answer latestForWaiter(TaskQuery query) {
    return latest(query, this::hitForWaiter);
  }

  private Answer latest(TaskQuery query, Function<@Nullable Snapshot, @Nullable Answer> memory) {
    Answer hit = memory.apply(peek(query));
    if (hit != null) {
      return hit;
    }
    var mine = new CompletableFuture<Answer>();
    CompletableFuture<Answer> flight = flights.putIfAbsent(query, mine);
    return flight == null ? lead(query, mine, memory) : join(flight);
  }

  private Answer lead(
      TaskQuery query,
      CompletableFuture<Answer> flight,
      Function<@Nullable Snapshot, @Nullable Answer> memory) {
    try {
      Answer answer = fetch(query, memory);
      flights.remove(query);
      flight.complete(answer);
      return answer;
    } catch (RuntimeException | Error defect) {
      flights.remove(query);
      flight.completeExceptionally(defect);
      throw defect;
    }
  }

  private Answer join(CompletableFuture<Answer> flight) {
    metrics.callSaved();
    return flight.join().asCollapsed();
  }

  private Answer fetch(TaskQuery query, Function<@Nullable Snapshot, @Nullable Answer> memory) {
    Snapshot known = peek(query);
    Answer hit =
        memory.apply(known); // the flight before this one may have landed since the caller looked
    if (hit != null) {
      return hit;
    }
    long asked = ticker.read();
    long heldBack = heldBackUntil.get() - asked;
    if (heldBack > 0 && known != null && known.canStandIn(asked)) {
      return Answer.stale(known, asked, heldBack);
    }
    TaskReply reply = upstream.apply(query);
    long now = ticker.read();
    holdBack(reply, now);
    if (!(reply instanceof Known) && known != null && known.canStandIn(now)) {
      return Answer.stale(known, now, Math.max(heldBackUntil.get() - now, RETRY_NANOS));
    }
    return keep(query, reply, known, now);
  }

  private Answer keep(TaskQuery query, TaskReply reply, @Nullable Snapshot known, long now) {
    Instant today = clock.instant();
    Instant firstSeen = known == null ? today : known.firstSeen();
    Lifetime lifetime = retention.of(reply, query.id(), firstSeen, today);
    String model = metrics.model(query.id(), reply);
    Snapshot fetched = new Snapshot(reply, model, firstSeen, now, lifetime);
    boolean stored = lifetime.usable().isPositive();
    if (stored) {
      snapshots.put(query, fetched);
      metrics.stored(query.id(), reply, model, known);
    }
    Source source = known == null ? Source.MISS : Source.REFRESH;
    return stored
        ? Answer.fresh(fetched, source, true, now)
        : Answer.failure(fetched, source, now, Math.max(heldBackUntil.get() - now, RETRY_NANOS));
  }

  /**
   * A provider that names a time is left alone until then with what is known; first questions still
   * go.
   */
  private void holdBack(TaskReply reply, long now) {
    if (reply instanceof Refused refused && refused.retryAfter() != null) {
      boolean longest = refused.retryAfter().compareTo(LONGEST_HOLD) > 0;
      long until = now + (longest ? LONGEST_HOLD : refused.retryAfter()).toNanos();
      heldBackUntil.accumulateAndGet(until, (a, b) -> a - b > 0 ? a : b);
    }
  }

  private @Nullable Answer hit(@Nullable Snapshot snapshot) {
    long now = ticker.read();
    if (snapshot == null || !snapshot.isFresh(now)) {
      return null;
    }
    metrics.callSaved();
    return Answer.fresh(snapshot, Source.HIT, false, now);
  }

  private @Nullable Answer hitForWaiter(@Nullable Snapshot snapshot) {
    long now = ticker.read();
    if (snapshot == null || snapshot.ageNanos(now) >= snapshot.pauseNanos()) {
      return null;
    }
    metrics.callSaved();
    return Answer.fresh(snapshot, Source.HIT, false, now);
  }

  /**
   * When an unfinished task can be expected to finish, by what tasks of its model took here; empty
   * if none was seen, or this one takes longer already.
   */
  public Optional<Instant> expectedAt(TaskQuery query, Snapshot snapshot) {
    Instant now = clock.instant();
    Duration age = Retention.age(query.id(), snapshot.firstSeen(), now);
    return metrics
        .usualDuration(snapshot.model())
        .map(usual -> now.minus(age).plus(usual).truncatedTo(ChronoUnit.SECONDS))
        .filter(now::isBefore);
  }

  /** A look that does not count in the cache's statistics: the question has been counted once. */
  private @Nullable Snapshot peek(TaskQuery query) {
    return (Snapshot) snapshots.getNativeCache().policy().getIfPresentQuietly(query);
  }

  /** The body of a known task compressed by gzip: once, and then remembered beside it. */
  public byte[] gzip(TaskQuery query, Snapshot snapshot) {
    if (snapshot.hasGzip()) {
      return snapshot.gzip();
    }
    byte[] compressed = snapshot.gzip();
    snapshots.getNativeCache().asMap().replace(query, snapshot, snapshot); // weighs it anew
    return compressed;
  }
}
