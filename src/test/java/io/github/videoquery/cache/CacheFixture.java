package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.util.unit.DataSize;

/** The cache with its feeds, in memory and without Spring, on a clock that stands still. */
public final class CacheFixture {
  public static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");
  public static final TaskQuery QUERY = new TaskQuery(new TaskId("veo3:task_abc"), "");
  public static final Finished FINISHED =
      new Finished(body("finished"), "completed", null, null, null);
  public static final Unfinished UNFINISHED = new Unfinished(body("unfinished"), "queued");
  public static final Failed FAILED = new Failed(body("failed"), "failed");

  public final FakeTime time = new FakeTime(NOW);
  public final FakeProvider provider = new FakeProvider();
  public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  public final BodyMemory memory = new BodyMemory(1 << 20);
  public final Forecast forecast = new Forecast(time);
  public final TaskCache cache;
  public final TaskFeeds feeds;
  final CaffeineCache entries;
  final TaskStore store;

  public CacheFixture() {
    this(null, SharedCache.NONE);
  }

  /**
   * @param unfinishedTtl how long unfinished answers are fresh
   */
  public CacheFixture(Duration unfinishedTtl) {
    this(unfinishedTtl, SharedCache.NONE);
  }

  /**
   * @param unfinishedTtl null for the schedule
   */
  CacheFixture(@Nullable Duration unfinishedTtl, SharedCache shared) {
    var metrics = new TaskMetrics(registry, forecast);
    this.entries =
        new CaffeineCache(
            "tasks",
            Caffeine.newBuilder()
                .maximumWeight(1 << 20)
                .weigher(
                    (Object query, Object entry) -> ((CacheEntry) entry).weight((TaskQuery) query))
                .expireAfter(CacheConfiguration.UNTIL_GONE)
                .executor(Runnable::run)
                .ticker(time::nanoTime)
                .recordStats()
                .build());
    this.store = new TaskStore(entries, memory);
    var refresher =
        new Refresher(
            store, provider, new Freshness(properties(unfinishedTtl)), metrics, shared, time);
    this.cache = new TaskCache(store, refresher, metrics, memory, time);
    this.feeds = new TaskFeeds(cache, metrics, registry, time);
    feeds.start();
  }

  /** The answer to a query whose exchange has ended. */
  public Answer get(TaskQuery query) {
    try (HeldBodies held = memory.holder()) {
      return cache.get(query, held);
    }
  }

  Answer refresh(TaskQuery query) {
    try (HeldBodies held = memory.holder()) {
      return cache.feedCalls().refresh(query, held);
    }
  }

  /** As if a task of the query's model had taken so long. */
  public void learn(TaskQuery query, Duration took) {
    forecast.took(query.id().model().orElseThrow(), took);
  }

  public static Body body(String text) {
    return new Body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A finished task whose link is signed for so long. */
  public Finished signed(Duration life) {
    return new Finished(body("signed"), "completed", null, null, time.instant().plus(life));
  }

  /** An answer that has just come from the provider. */
  public Answer answer(TaskReply reply) {
    return answer(reply, Answer.Source.MISS, Duration.ZERO);
  }

  /** An answer that came so long ago. */
  public Answer answer(TaskReply reply, Answer.Source source, Duration age) {
    Lifetime lifetime =
        new Freshness(properties(null))
            .of(
                reply,
                QUERY.id(),
                History.first(time.instant().minus(age)),
                time.instant().minus(age));
    long now = time.nanoTime();
    var entry =
        new CacheEntry(
            reply, "veo3", "default", History.first(time.instant()), now - age.toNanos(), lifetime);
    return switch (source) {
      case STALE -> Answer.stale(entry, FakeProvider.DOWN, now, Backoff.RETRY_NANOS);
      case STALE_WHILE_REVALIDATE -> Answer.whileRevalidating(entry, now);
      case HIT -> Answer.fresh(entry, source, false, now);
      case MISS, REFRESH ->
          lifetime.usable().isPositive()
              ? Answer.fresh(entry, source, true, now)
              : Answer.failure(entry, source, now, Backoff.RETRY_NANOS);
    };
  }

  public double saved() {
    return registry.get("gateway.upstream.calls.saved").counter().count();
  }

  private static CacheProperties properties(@Nullable Duration unfinishedTtl) {
    return new CacheProperties(
        DataSize.ofMegabytes(1),
        Duration.ofHours(12),
        unfinishedTtl,
        Duration.ofHours(24),
        new CacheProperties.Redis(false, ""));
  }
}
