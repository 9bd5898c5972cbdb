package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.FakeTime;
import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.TaskCache.Pending;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.AccountReply;
import io.github.videoquery.upstream.Provider;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.util.unit.DataSize;

class TaskCacheTest {
  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");
  private static final TaskQuery QUERY = new TaskQuery(new TaskId("veo3:task_abc"), "");
  private static final TaskReply FINISHED =
      new Finished(body("finished"), "completed", null, null, null);
  private static final TaskReply UNFINISHED = new Unfinished(body("unfinished"), "queued");
  private static final TaskReply DOWN = new Unreachable(Trouble.CONNECTION);

  private final FakeTime time = new FakeTime(NOW);
  private final AtomicInteger calls = new AtomicInteger();
  private Function<TaskQuery, TaskReply> upstream = query -> DOWN;
  private Duration delay = Duration.ZERO;
  private BooleanSupplier beforeTurn = () -> true;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CaffeineCache cache = cache();
  private final TaskCache tasks =
      new TaskCache(
          cache,
          new Provider() {
            @Override
            public long delayNanos(TaskQuery query, @Nullable String account) {
              return delay.toNanos();
            }

            @Override
            public @Nullable CallPermit turn(
                TaskQuery query, @Nullable String account, Duration patience) {
              if (!beforeTurn.getAsBoolean()) {
                return null;
              }
              return new CallPermit() {
                @Override
                public AccountReply ask(@Nullable String account) {
                  calls.incrementAndGet();
                  return new AccountReply(upstream.apply(query), "default");
                }

                @Override
                public void giveBack() {}
              };
            }
          },
          List.of(),
          new Freshness(properties()),
          new TaskMetrics(registry),
          SharedCache.NONE,
          new BodyMemory(1 << 20),
          time,
          time);

  @Test
  void answerWithASignedLink_isNotServed_whenTheWallClockPassesItsExpiry() {
    upstream = query -> signed(Duration.ofHours(1));
    tasks.latest(QUERY);
    time.jump(Duration.ofMinutes(54));
    assertThat(tasks.latest(QUERY).source()).isEqualTo(Source.HIT);

    time.jump(Duration.ofMinutes(2));
    assertThat(tasks.remembered(QUERY, false)).isNull();
    upstream = query -> DOWN;
    assertThat(tasks.latest(QUERY).source()).as("alive for 4 minutes").isEqualTo(Source.STALE);
    time.jump(Duration.ofMinutes(4));
    assertThat(tasks.latest(QUERY).snapshot().reply()).as("dead").isEqualTo(DOWN);
  }

  @Test
  void waiter_isNotTold_ofALinkThatIsDeadOnTheWallClock() throws Exception {
    upstream = query -> signed(Duration.ofHours(1));
    tasks.latest(QUERY);
    time.jump(Duration.ofHours(1));
    upstream = query -> UNFINISHED;

    Answer told = tasks.latestForWaiter(QUERY).get(Duration.ofSeconds(30).toNanos());

    assertThat(told.snapshot().reply()).isEqualTo(UNFINISHED);
  }

  private TaskReply signed(Duration life) {
    return new Finished(body("signed"), "completed", null, null, time.instant().plus(life));
  }

  @Test
  void latest_isRemembered_whileFresh() {
    upstream = query -> FINISHED;

    Answer first = tasks.latest(QUERY);
    time.advance(Duration.ofHours(11));
    Answer second = tasks.latest(QUERY);

    assertThat(first).extracting(Answer::source, Answer::stored).containsExactly(Source.MISS, true);
    assertThat(second.source()).isEqualTo(Source.HIT);
    assertThat(second.ageSeconds()).isEqualTo(11 * 3600);
    assertThat(second.lifetimeSeconds()).isEqualTo(12 * 3600);
    assertThat(second.askAgainInSeconds()).isEqualTo(3600);
    assertThat(calls).hasValue(1);
    assertThat(registry.get("gateway.upstream.calls.saved").counter().count()).isEqualTo(1);
  }

  @Test
  void latest_asksAgain_whenNoLongerFresh() {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofSeconds(2));
    upstream = query -> FINISHED;

    Answer answer = tasks.latest(QUERY);

    assertThat(answer.source()).isEqualTo(Source.REFRESH);
    assertThat(answer.snapshot().reply()).isEqualTo(FINISHED);
  }

  @Test
  void knownNow_isWhatMayStandIn_whenNoAnswerWasGivenBefore() {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofSeconds(30)); // no longer fresh, still usable

    Answer known = Objects.requireNonNull(tasks.knownNow(QUERY, null));
    delay = Duration.ofSeconds(20);
    Answer inTurn = Objects.requireNonNull(tasks.knownNow(QUERY, null));

    assertThat(known.snapshot().reply()).isEqualTo(UNFINISHED);
    assertThat(known.askAgainInSeconds()).isEqualTo(5);
    assertThat(inTurn.askAgainInSeconds()).isEqualTo(20);
    assertThat(calls).hasValue(1);
  }

  @Test
  void knownNow_isNothing_whenNothingMayStandIn() {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofMinutes(2));

    assertThat(tasks.knownNow(QUERY, null)).isNull();
  }

  @Test
  void remembered_neverAsks() {
    assertThat(tasks.remembered(QUERY, false)).isNull();
    assertThat(calls).hasValue(0);
  }

  static List<TaskReply> failures() {
    return List.of(DOWN, new Refused(Refusal.CREDENTIALS, 401, null), new NotFound());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void latest_servesStale_whenTheProviderFails(TaskReply failure) {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofSeconds(30));
    upstream = query -> failure;

    Answer answer = tasks.latest(QUERY);

    assertThat(answer.source()).isEqualTo(Source.STALE);
    assertThat(answer.snapshot().reply()).isSameAs(UNFINISHED);
    assertThat(answer.ageSeconds()).isEqualTo(30);
  }

  @Test
  void latest_tellsTheFailure_whenNothingUsableIsLeft() {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofSeconds(62));
    upstream = query -> DOWN;

    Answer answer = tasks.latest(QUERY);

    assertThat(answer.snapshot().reply()).isSameAs(DOWN);
    assertThat(answer)
        .extracting(Answer::source, Answer::stored)
        .containsExactly(Source.MISS, false);
  }

  @Test
  void latest_recovers_asSoonAsTheProviderDoes() {
    tasks.latest(QUERY);
    upstream = query -> FINISHED;

    assertThat(tasks.latest(QUERY).snapshot().reply()).isEqualTo(FINISHED);
  }

  @Test
  void latest_keepsParametersApart() {
    upstream = query -> query.parameters().isEmpty() ? FINISHED : UNFINISHED;

    tasks.latest(QUERY);
    Answer other = tasks.latest(new TaskQuery(QUERY.id(), "model=veo2"));

    assertThat(other.snapshot().reply()).isSameAs(UNFINISHED);
  }

  @Test
  void latest_callsOnce_whenManyAskAtOnce() throws Exception {
    int callers = 200;
    var everyoneWaits = new CountDownLatch(1);
    upstream =
        query -> {
          await(everyoneWaits);
          return FINISHED;
        };

    List<Answer> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> asked = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        asked.add(threads.submit(() -> tasks.latest(QUERY)));
      }
      Awaitility.await()
          .until(
              () -> registry.get("gateway.upstream.calls.saved").counter().count() == callers - 1);
      everyoneWaits.countDown();
      for (Future<Answer> answer : asked) {
        answers.add(answer.get(10, TimeUnit.SECONDS));
      }
    }

    assertThat(calls).hasValue(1);
    assertThat(answers)
        .hasSize(callers)
        .allMatch(answer -> answer.snapshot().reply().equals(FINISHED));
    assertThat(answers).filteredOn(Answer::stored).hasSize(1);
  }

  @Test
  void follower_isAnsweredByTheFlight_evenWhenItFails() throws Exception {
    var inFlight = new CountDownLatch(1);
    var land = new CountDownLatch(1);
    upstream =
        query -> {
          inFlight.countDown();
          await(land);
          return DOWN;
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> leader = threads.submit(() -> tasks.latest(QUERY));
      await(inFlight);
      Future<Answer> follower = threads.submit(() -> tasks.latest(QUERY));
      Awaitility.await()
          .until(() -> registry.get("gateway.upstream.calls.saved").counter().count() == 1);
      land.countDown();

      assertThat(leader.get(10, TimeUnit.SECONDS).collapsed()).isFalse();
      assertThat(follower.get(10, TimeUnit.SECONDS))
          .extracting(answer -> answer.snapshot().reply(), Answer::collapsed)
          .containsExactly(DOWN, true);
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void defect_reachesTheCaller_andTheNextCallIsUnaffected() {
    upstream =
        query -> {
          throw new IllegalStateException("defect");
        };
    assertThatThrownBy(() -> tasks.latest(QUERY)).hasMessage("defect");
    upstream = query -> FINISHED;

    assertThat(tasks.latest(QUERY).snapshot().reply()).isEqualTo(FINISHED);
  }

  @Test
  void gzip_isMadeOnce_andCountedInTheWeight() throws IOException {
    upstream = query -> FINISHED;
    CacheEntry snapshot = tasks.latest(QUERY).snapshot();
    int before = snapshot.weight(QUERY);

    byte[] compressed = Objects.requireNonNull(tasks.gzip(QUERY, snapshot));

    CacheEntry remembered = Objects.requireNonNull(tasks.remembered(QUERY, false)).snapshot();
    assertThat(remembered.gzip()).isSameAs(compressed);
    assertThat(remembered.weight(QUERY)).isEqualTo(before + compressed.length);
    assertThat(tasks.gzip(QUERY, remembered)).isSameAs(compressed);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("finished");
  }

  @Test
  void memory_isBounded_byBytes() {
    byte[] large = new byte[10_000];
    upstream = query -> new Finished(new Body(large), "completed", null, NOW, null);

    for (int i = 0; i < 1_000; i++) {
      tasks.latest(new TaskQuery(new TaskId("veo3:task_" + i), ""));
    }

    cache.getNativeCache().cleanUp();
    assertThat(cache.getNativeCache().estimatedSize()).isBetween(50L, (1L << 20) / 10_000);
  }

  @Test
  void duration_isRecordedOncePerTask_andModelsAreBounded() {
    upstream = query -> new Finished(body("x"), "completed", NOW.minusSeconds(247), NOW, null);
    for (int i = 0; i < 100; i++) {
      tasks.latest(new TaskQuery(new TaskId("model-" + i + ":task_abc"), ""));
    }
    time.advance(Duration.ofHours(12));
    tasks.latest(new TaskQuery(new TaskId("model-1:task_abc"), ""));

    assertThat(registry.get("gateway.task.duration").timers()).hasSize(33);
    assertThat(registry.get("gateway.task.duration").tag("model", "model-1").timer().count())
        .isEqualTo(1);
    assertThat(registry.get("gateway.task.duration").tag("model", "other").timer().count())
        .isEqualTo(68);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Body body(String text) {
    return new Body(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void taskThatWaitsForItsTurn_isAnsweredByWhatIsKnown_andRefreshedMeanwhile() {
    upstream = query -> UNFINISHED;
    tasks.latest(QUERY);
    time.advance(Duration.ofSeconds(3));
    delay = Duration.ofSeconds(30);
    var turn = new CompletableFuture<Boolean>();
    beforeTurn = () -> turn.join();

    Answer meanwhile = tasks.latest(QUERY);

    assertThat(meanwhile.source()).isEqualTo(Source.HIT);
    assertThat(meanwhile.askAgainInSeconds()).isEqualTo(30);
    assertThat(calls).hasValue(1);
    upstream = query -> FINISHED;
    turn.complete(true);
    Awaitility.await().untilAsserted(() -> assertThat(calls).hasValue(2));
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(tasks.latest(QUERY).snapshot().reply()).isEqualTo(FINISHED));
  }

  @Test
  void firstQuestionWhoseTurnDoesNotCome_isToldSo_alsoWhereItJoined() throws Exception {
    var turn = new CompletableFuture<Boolean>();
    beforeTurn = () -> turn.join();
    delay = Duration.ofMinutes(1);
    Pending waiter = tasks.latestForWaiter(QUERY);

    Answer first = tasks.latest(QUERY);
    delay = Duration.ZERO;
    Answer joined = tasks.latest(QUERY);

    assertThat(first.snapshot().reply()).isEqualTo(new Unreachable(Trouble.PACED));
    assertThat(joined.snapshot().reply()).isEqualTo(new Unreachable(Trouble.PACED));
    upstream = query -> FINISHED;
    turn.complete(true);
    assertThat(waiter.get(TimeUnit.SECONDS.toNanos(10)).snapshot().reply()).isEqualTo(FINISHED);
  }

  @Test
  void turnThatDoesNotCome_isNoAnswerOfTheProvider() {
    beforeTurn = () -> false;

    assertThat(tasks.latest(QUERY).snapshot().reply()).isEqualTo(new Unreachable(Trouble.PACED));
    assertThat(calls).hasValue(0);
  }

  private static CacheProperties properties() {
    return new CacheProperties(
        DataSize.ofMegabytes(1),
        Duration.ofHours(12),
        null,
        Duration.ofHours(24),
        new CacheProperties.Redis(false, ""));
  }

  private CaffeineCache cache() {
    return (CaffeineCache)
        Objects.requireNonNull(
            new CacheConfiguration()
                .cacheManager(new HeapPlan(1 << 20, 1 << 20), time)
                .getCache("tasks"));
  }
}
