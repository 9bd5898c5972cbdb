package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
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
  private final CaffeineCache snapshots;
  private final ConcurrentMap<TaskQuery, CompletableFuture<Answer>> flights =
      new ConcurrentHashMap<>();
  private final Function<TaskQuery, TaskReply> upstream;
  private final List<String> forwardParameters;
  private final Retention retention;
  private final TaskMetrics metrics;
  private final Ticker ticker;
  private final InstantSource clock;

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
  }

  /** The names of the query parameters that belong to a question besides the task's id. */
  public List<String> forwardParameters() {
    return forwardParameters;
  }

  /** The remembered answer, if it is fresh; never asks the provider. */
  public @Nullable Answer remembered(TaskQuery query) {
    return hit(snapshots.get(query, Snapshot.class));
  }

  /**
   * The fresh answer: remembered, or brought by a call in flight, or by a call made now. Blocks
   * until there is one.
   */
  public Answer latest(TaskQuery query) {
    Answer hit = hit(peek(query));
    if (hit != null) {
      return hit;
    }
    var mine = new CompletableFuture<Answer>();
    CompletableFuture<Answer> flight = flights.putIfAbsent(query, mine);
    return flight == null ? lead(query, mine) : join(flight);
  }

  private Answer lead(TaskQuery query, CompletableFuture<Answer> flight) {
    try {
      Answer answer = fetch(query);
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

  private Answer fetch(TaskQuery query) {
    Snapshot known = peek(query);
    Answer hit = hit(known); // the flight before this one may have landed since the caller looked
    if (hit != null) {
      return hit;
    }
    TaskReply reply = upstream.apply(query);
    long now = ticker.read();
    if (!(reply instanceof Known) && known != null && known.canStandIn(now)) {
      return new Answer(known, Source.STALE, false, false, now);
    }
    Instant today = clock.instant();
    Instant firstSeen = known == null ? today : known.firstSeen();
    Lifetime lifetime = retention.of(reply, query.id(), firstSeen, today);
    String model = metrics.model(query.id(), reply);
    Snapshot fetched = new Snapshot(reply, model, firstSeen, now, lifetime);
    boolean stored = lifetime.usable().isPositive();
    if (stored) {
      snapshots.put(query, fetched);
    }
    metrics.fetched(query.id(), reply, model, known == null ? null : known.reply());
    return new Answer(fetched, known == null ? Source.MISS : Source.REFRESH, stored, false, now);
  }

  private @Nullable Answer hit(@Nullable Snapshot snapshot) {
    long now = ticker.read();
    if (snapshot == null || !snapshot.isFresh(now)) {
      return null;
    }
    metrics.callSaved();
    return new Answer(snapshot, Source.HIT, false, false, now);
  }

  /** A look that does not count in the cache's statistics: the question has been counted once. */
  private @Nullable Snapshot peek(TaskQuery query) {
    return (Snapshot) snapshots.getNativeCache().policy().getIfPresentQuietly(query);
  }

  /** The body of a snapshot compressed by gzip: once, and then remembered beside it. */
  public byte[] gzip(TaskQuery query, Snapshot snapshot) {
    byte[] remembered = snapshot.gzip();
    if (remembered != null) {
      return remembered;
    }
    byte[] compressed = compress(((Known) snapshot.reply()).body().bytes());
    snapshots.getNativeCache().asMap().replace(query, snapshot, snapshot.withGzip(compressed));
    return compressed;
  }

  private static byte[] compress(byte[] bytes) {
    var compressed = new ByteArrayOutputStream(bytes.length / 2 + 64);
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to write", e);
    }
    return compressed.toByteArray();
  }
}
