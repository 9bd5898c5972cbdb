package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.SharedCache.Lease;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.AccountReply;
import io.github.videoquery.upstream.Provider;
import io.github.videoquery.upstream.Provider.CallPermit;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * The latest known answer about each task: remembered while fresh, fetched once however many ask at
 * the same time, and served stale while the provider fails.
 *
 * <p>A call in flight belongs to nobody who waits for it: callers that hang up neither cancel nor
 * shorten it.
 */
public final class TaskCache {
  /** How long a caller should wait after a failure of the provider, or a call that took long. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final Duration LONGEST_HOLD = Duration.ofSeconds(30);

  /** How long a caller waits for the turn of a question. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** The same for a question whose caller was told to come back, and for those who wait. */
  private static final Duration PATIENCE_FOR_RETURN = Duration.ofMinutes(1);

  private static final Duration PATIENCE_OF_WAITERS = Duration.ofMinutes(15);

  /** Turns that come sooner are waited for. */
  private static final long SHORT_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int MAX_FAILURES = 10_000;
  private static final Logger log = LoggerFactory.getLogger(TaskCache.class);
  private static final Thread.Builder FLIGHTS = Thread.ofVirtual().name("flight-", 0);

  private final CaffeineCache snapshots;
  private final ConcurrentMap<TaskQuery, Flight> flights = new ConcurrentHashMap<>();

  /** What those who wait are told until asking again is due. */
  private final Cache<TaskQuery, Answer> failures;

  private final Provider upstream;
  private final List<String> forwardParameters;
  private final Freshness retention;
  private final TaskMetrics metrics;
  private final SharedCache shared;
  private final BodyMemory bodyMemory;
  private final Ticker ticker;
  private final InstantSource clock;

  /** By account. */
  private final ConcurrentMap<String, Long> heldBackUntil = new ConcurrentHashMap<>();

  TaskCache(
      CaffeineCache snapshots,
      Provider upstream,
      List<String> forwardParameters,
      Freshness retention,
      TaskMetrics metrics,
      SharedCache shared,
      BodyMemory bodyMemory,
      Ticker ticker,
      InstantSource clock) {
    this.snapshots = snapshots;
    this.upstream = upstream;
    this.forwardParameters = forwardParameters;
    this.retention = retention;
    this.metrics = metrics;
    this.shared = shared;
    this.bodyMemory = bodyMemory;
    this.ticker = ticker;
    this.clock = clock;
    this.failures =
        Caffeine.newBuilder()
            .maximumSize(MAX_FAILURES)
            .expireAfterWrite(LONGEST_HOLD)
            .executor(Runnable::run)
            .ticker(ticker)
            .build();
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
    CacheEntry snapshot = snapshots.get(query, CacheEntry.class);
    return snapshot != null && gzip && snapshot.isWorthCompressing() && !snapshot.hasGzip()
        ? null
        : hit(snapshot);
  }

  /**
   * The fresh answer: remembered, or brought by a call in flight, or by a call made now. Where the
   * provider fails: the last usable answer, or else the failure. Blocks until there is one.
   */
  public Answer latest(TaskQuery query) {
    CacheEntry known = peek(query);
    Answer hit = hit(known);
    if (hit != null) {
      return hit;
    }
    long delay = upstream.delayNanos(query, account(known));
    if (delay > SHORT_DELAY_NANOS) {
      return inTurn(query, delay);
    }
    var mine = new Flight();
    Flight flight = flights.putIfAbsent(query, mine);
    return flight == null
        ? lead(query, mine, () -> hit(peek(query)), PATIENCE)
        : join(query, flight);
  }

  /**
   * Where an account is asked as often as it may be, intervals stretch: what is known is the answer
   * until the task's turn has come, and only first questions wait for it.
   */
  private Answer inTurn(TaskQuery query, long delay) {
    Flight flight = flights.get(query);
    if (flight == null) {
      flight = new Flight();
      if (flights.putIfAbsent(query, flight) == null) {
        start(query, flight, () -> hit(peek(query)), PATIENCE_FOR_RETURN);
      }
    }
    Answer known = knownMeanwhile(query, delay);
    return known != null ? known : join(query, flight);
  }

  private long retryInTurn(TaskQuery query) {
    return Math.max(RETRY_NANOS, upstream.delayNanos(query, account(peek(query))));
  }

  private @Nullable Answer knownMeanwhile(TaskQuery query, long askAgainIn) {
    CacheEntry known = peek(query);
    long now = ticker.read();
    return known != null && known.canStandIn(now, clock)
        ? new Answer(known, Source.HIT, false, false, now, askAgainIn)
        : null;
  }

  /** The answer to a question that did not have its turn. */
  private Answer paced(TaskQuery query) {
    Answer known = knownMeanwhile(query, RETRY_NANOS);
    long now = ticker.read();
    var nothing =
        new CacheEntry(
            new Unreachable(Trouble.PACED), "", null, clock.instant(), now, Lifetime.NONE);
    return known != null ? known : Answer.failure(nothing, Source.MISS, now, RETRY_NANOS);
  }

  /**
   * The same for one who waits for news, and asks again after each {@link Answer#pauseNanos()}:
   * without blocking. A failure, too, is good for its pause: those who wait do not press a provider
   * that fails.
   */
  public Pending latestForWaiter(TaskQuery query) {
    Answer hit = hitForWaiter(query);
    if (hit != null) {
      return _ -> hit;
    }
    var mine = new Flight();
    Flight flight = flights.putIfAbsent(query, mine);
    if (flight != null) {
      metrics.callSaved();
      return nanos -> flight.get(nanos, TimeUnit.NANOSECONDS).asCollapsed();
    }
    start(query, mine, () -> hitForWaiter(query), PATIENCE_OF_WAITERS);
    return nanos -> mine.get(nanos, TimeUnit.NANOSECONDS);
  }

  /** An answer on its way. */
  public interface Pending {
    /**
     * Waits for the answer.
     *
     * @throws TimeoutException if it does not come within so many nanoseconds
     */
    Answer get(long nanos) throws TimeoutException, ExecutionException, InterruptedException;
  }

  /** A question on its way: for its turn, to other replicas, to the provider. */
  private static final class Flight extends CompletableFuture<Answer> {
    private volatile boolean hasItsTurn;
  }

  /** Begins a flight that belongs to nobody. */
  private void start(
      TaskQuery query, Flight flight, Supplier<@Nullable Answer> memory, Duration patience) {
    Map<String, String> logContext = MDC.getCopyOfContextMap();
    FLIGHTS.start(
        Context.current()
            .wrap(
                () -> {
                  MDC.setContextMap(Objects.requireNonNullElse(logContext, Map.of()));
                  try {
                    lead(query, flight, memory, patience);
                  } catch (RuntimeException | Error defect) {
                    log.debug("The flight has told those who wait", defect);
                  }
                }));
  }

  /**
   * What is known without asking: what is fresh, else the answer given before, grown older, else
   * what may stand in for one.
   *
   * @param before null if none was given
   */
  public @Nullable Answer knownNow(TaskQuery query, @Nullable Answer before) {
    Answer hit = hit(peek(query));
    if (hit != null) {
      return hit;
    }
    return before == null ? knownMeanwhile(query, retryInTurn(query)) : before.asOf(ticker.read());
  }

  private Answer lead(
      TaskQuery query, Flight flight, Supplier<@Nullable Answer> memory, Duration patience) {
    try {
      // the flight before this one may have landed since the caller looked
      Answer hit = memory.get();
      Answer answer = hit != null ? hit : fetch(query, flight, patience);
      flights.remove(query);
      flight.complete(answer);
      return answer;
    } catch (RuntimeException | Error defect) {
      flights.remove(query);
      flight.completeExceptionally(defect);
      throw defect;
    }
  }

  /** Waits for another's flight: until it lands if it has its turn, and for its turn not long. */
  private Answer join(TaskQuery query, Flight flight) {
    metrics.callSaved();
    try {
      while (true) {
        try {
          return flight.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS).asCollapsed();
        } catch (TimeoutException slow) {
          if (!flight.hasItsTurn) {
            return paced(query);
          }
        }
      }
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }

  private Answer fetch(TaskQuery query, Flight flight, Duration patience) {
    String account = account(peek(query));
    if (upstream.delayNanos(query, account) > SHORT_DELAY_NANOS) {
      Answer hit = keepIfNewer(query, shared.find(query));
      if (hit != null) {
        return hit;
      }
    }
    CallPermit turn = upstream.turn(query, account, patience);
    if (turn == null) {
      return paced(query);
    }
    flight.hasItsTurn = true;
    Lease lease = shared.lease(query, peek(query));
    CacheEntry brought = null;
    try {
      Answer hit = keepIfNewer(query, lease.found());
      if (hit != null) {
        turn.giveBack();
        return hit;
      }
      Answer answer = ask(query, turn);
      brought = answer.stored() ? answer.snapshot() : null;
      return answer;
    } finally {
      lease.end().with(brought);
    }
  }

  /** Remembers what other replicas know, if that is newer; the answer, if it is fresh. */
  private @Nullable Answer keepIfNewer(TaskQuery query, @Nullable CacheEntry found) {
    if (found == null) {
      return null;
    }
    CacheEntry known = peek(query);
    long now = ticker.read();
    if (known != null && known.ageNanos(now) <= found.ageNanos(now)) {
      return null;
    }
    snapshots.put(query, found);
    return hit(found);
  }

  private Answer ask(TaskQuery query, CallPermit turn) {
    CacheEntry known = peek(query);
    String account = account(known);
    long asked = ticker.read();
    long heldBack = heldBack(account, asked);
    if (heldBack > 0 && known != null && known.canStandIn(asked, clock)) {
      turn.giveBack();
      return Answer.stale(known, asked, heldBack);
    }
    AccountReply reply = turn.ask(account);
    long now = ticker.read();
    holdBack(reply, now);
    if (!(reply.reply() instanceof Known) && known != null && known.canStandIn(now, clock)) {
      return failed(query, Answer.stale(known, now, retryIn(reply.account(), now)));
    }
    return keep(query, reply, known, now);
  }

  /** The account that knows the task. */
  private static @Nullable String account(@Nullable CacheEntry known) {
    return known != null && known.reply() instanceof Known ? known.account() : null;
  }

  private long heldBack(@Nullable String account, long now) {
    Long until = account == null ? null : heldBackUntil.get(account);
    return until == null ? 0 : until - now;
  }

  private long retryIn(String account, long now) {
    return Math.max(heldBack(account, now), RETRY_NANOS);
  }

  private Answer failed(TaskQuery query, Answer answer) {
    failures.put(query, answer);
    return answer;
  }

  private Answer keep(
      TaskQuery query, AccountReply accountReply, @Nullable CacheEntry known, long now) {
    TaskReply reply = accountReply.reply();
    String account = accountReply.account();
    Instant today = clock.instant();
    Instant firstSeen = known == null ? today : known.firstSeen();
    Lifetime lifetime = retention.of(reply, query.id(), firstSeen, today);
    if (reply instanceof Unfinished) {
      lifetime = lifetime.stretched(upstream.delayNanos(query, account));
    }
    String model = metrics.model(query.id(), reply);
    CacheEntry fetched = new CacheEntry(reply, model, account, firstSeen, now, lifetime);
    Source source = known == null ? Source.MISS : Source.REFRESH;
    if (!lifetime.usable().isPositive()) {
      return failed(query, Answer.failure(fetched, source, now, retryIn(account, now)));
    }
    failures.invalidate(query);
    snapshots.put(query, fetched);
    metrics.stored(query.id(), reply, model, known);
    return Answer.fresh(fetched, source, true, now);
  }

  /**
   * A provider that names a time is left alone until then with what is known; first questions still
   * go.
   */
  private void holdBack(AccountReply reply, long now) {
    if (reply.reply() instanceof Refused refused && refused.retryAfter() != null) {
      boolean longest = refused.retryAfter().compareTo(LONGEST_HOLD) > 0;
      long until = now + (longest ? LONGEST_HOLD : refused.retryAfter()).toNanos();
      heldBackUntil.merge(reply.account(), until, (a, b) -> a - b > 0 ? a : b);
    }
  }

  private @Nullable Answer hit(@Nullable CacheEntry snapshot) {
    long now = ticker.read();
    if (snapshot == null || !snapshot.isFresh(now, clock)) {
      return null;
    }
    metrics.callSaved();
    return Answer.fresh(snapshot, Source.HIT, false, now);
  }

  private @Nullable Answer hitForWaiter(TaskQuery query) {
    long now = ticker.read();
    CacheEntry snapshot = peek(query);
    if (snapshot != null && snapshot.isFreshForWaiter(now, clock)) {
      metrics.callSaved();
      return Answer.fresh(snapshot, Source.HIT, false, now);
    }
    Answer failure = failures.getIfPresent(query);
    return failure == null || failure.asOf(now).askAgainIn() <= 0 ? null : failure.asOf(now);
  }

  /**
   * When an unfinished task can be expected to finish, by what tasks of its model took here; empty
   * if none was seen, or this one takes longer already.
   */
  public Optional<Instant> expectedAt(TaskQuery query, CacheEntry snapshot) {
    Instant now = clock.instant();
    Duration age = Freshness.age(query.id(), snapshot.firstSeen(), now);
    return metrics
        .usualDuration(snapshot.model())
        .map(usual -> now.minus(age).plus(usual).truncatedTo(ChronoUnit.SECONDS))
        .filter(now::isBefore);
  }

  /** The questions about a task whose answers are remembered here. */
  List<TaskQuery> questions(TaskId id) {
    return snapshots.getNativeCache().asMap().keySet().stream()
        .map(TaskQuery.class::cast)
        .filter(query -> query.id().equals(id))
        .toList();
  }

  @Nullable CacheEntry known(TaskQuery query) {
    return peek(query);
  }

  Duration age(CacheEntry snapshot) {
    return Duration.ofNanos(snapshot.ageNanos(ticker.read()));
  }

  /**
   * @return whether something was remembered here
   */
  boolean forget(TaskQuery query) {
    failures.invalidate(query);
    return snapshots.evictIfPresent(query);
  }

  /** A look that does not count in the cache's statistics: the question has been counted once. */
  private @Nullable CacheEntry peek(TaskQuery query) {
    return (CacheEntry) snapshots.getNativeCache().policy().getIfPresentQuietly(query);
  }

  /**
   * The body of a known task compressed by gzip: once, and then remembered beside it. Null if there
   * is no room in memory to compress it.
   */
  public byte @Nullable [] gzip(TaskQuery query, CacheEntry snapshot) {
    if (snapshot.hasGzip()) {
      return snapshot.gzip();
    }
    long room = snapshot.roomToCompress();
    if (!bodyMemory.tryTake(room)) {
      return null;
    }
    try {
      byte[] compressed = snapshot.gzip();
      snapshots.getNativeCache().asMap().replace(query, snapshot, snapshot); // weighs it anew
      return compressed;
    } finally {
      bodyMemory.giveBack(room);
    }
  }
}
