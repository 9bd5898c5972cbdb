package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaskCacheTest {
  private static final TaskReply PACED = new Unreachable(Trouble.PACED);
  private static final Finished LARGE =
      new Finished(body("x".repeat(100_000)), "completed", null, null, null);

  private final CacheFixture fixture = new CacheFixture();
  private final TaskCache cache = fixture.cache;
  private final FakeProvider provider = fixture.provider;
  private final FakeTime time = fixture.time;

  @Test
  void taskThatTakesLong_isCountedAsOverdue_byItsId_orSinceItWasFirstSeen() {
    fixture.provider.reply(UNFINISHED);
    long created = CacheFixture.NOW.minusSeconds(1801).getEpochSecond();
    fixture.get(new TaskQuery(new TaskId("veo3:" + created + "-old"), ""));
    assertThat(overdue()).isEqualTo(1);
    for (int i = 0; i < 31; i++) {
      fixture.get(QUERY);
      fixture.time.advance(Duration.ofMinutes(1));
    }
    assertThat(overdue()).isEqualTo(1);
    fixture.get(QUERY);
    assertThat(overdue()).isEqualTo(2);
  }

  private double overdue() {
    return fixture.registry.get("gateway.tasks.overdue").counter().count();
  }

  @Test
  void answerWithASignedLink_isNotServed_whenTheWallClockPassesItsExpiry() {
    provider.reply(fixture.signed(Duration.ofHours(1)));
    fixture.get(QUERY);
    time.jump(Duration.ofMinutes(54));
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.HIT);

    time.jump(Duration.ofMinutes(2));
    assertThat(cache.fromCache(QUERY, false)).isNull();
    provider.reply(DOWN);
    assertThat(fixture.get(QUERY).source()).as("alive for 4 minutes").isEqualTo(Source.STALE);
    time.jump(Duration.ofMinutes(4));
    assertThat(reply(fixture.get(QUERY))).as("dead").isEqualTo(DOWN);
  }

  @Test
  void feed_callsAgain_whenTheLinkIsDeadOnTheWallClock() {
    provider.reply(fixture.signed(Duration.ofHours(1)));
    fixture.get(QUERY);
    time.jump(Duration.ofHours(1));
    provider.reply(UNFINISHED);

    assertThat(reply(fixture.refresh(QUERY))).isEqualTo(UNFINISHED);
  }

  @Test
  void get_isAHit_whileFresh() {
    provider.reply(FINISHED);

    Answer first = fixture.get(QUERY);
    time.advance(Duration.ofHours(11));
    Answer second = fixture.get(QUERY);

    assertThat(first).extracting(Answer::source, Answer::stored).containsExactly(Source.MISS, true);
    assertThat(second.source()).isEqualTo(Source.HIT);
    assertThat(second.ageSeconds()).isEqualTo(11 * 3600);
    assertThat(second.lifetimeSeconds()).isEqualTo(12 * 3600);
    assertThat(second.askAgainInSeconds()).isEqualTo(3600);
    assertThat(provider.calls).hasValue(1);
    assertThat(fixture.saved()).isEqualTo(1);
  }

  @Test
  void get_calls_whenTheEntryIsStale() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(2));
    provider.reply(FINISHED);

    Answer answer = fixture.get(QUERY);

    assertThat(answer.source()).isEqualTo(Source.REFRESH);
    assertThat(reply(answer)).isEqualTo(FINISHED);
    assertThat(provider.accountsAsked).containsExactly("", "default");
  }

  @Test
  void known_isTheFreshEntry_whateverWasGivenBefore() {
    provider.reply(UNFINISHED);
    Answer before = fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.reply(FINISHED);
    fixture.get(QUERY);

    Answer known = Objects.requireNonNull(cache.known(QUERY, before));
    assertThat(reply(known)).isEqualTo(FINISHED);
    assertThat(known.source()).isEqualTo(Source.HIT);
  }

  @Test
  void known_isTheStaleEntry_whenNoAnswerWasGivenBefore() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(30)); // no longer fresh, still served

    Answer known = Objects.requireNonNull(cache.known(QUERY, null));
    provider.delay(Duration.ofSeconds(20));
    Answer delayed = Objects.requireNonNull(cache.known(QUERY, null));

    assertThat(reply(known)).isEqualTo(UNFINISHED);
    assertThat(known.askAgainInSeconds()).isEqualTo(5);
    assertThat(delayed.askAgainInSeconds()).isEqualTo(20);
    assertThat(provider.calls).hasValue(1);
  }

  @Test
  void known_isNothing_whenTheEntryIsGone() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(122));

    assertThat(cache.known(QUERY, null)).isNull();
  }

  @Test
  void known_isTheAnswerBefore_grownOlder() {
    provider.reply(UNFINISHED);
    Answer before = fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));

    Answer known = Objects.requireNonNull(cache.known(QUERY, before));

    assertThat(known.ageSeconds()).isEqualTo(3);
    assertThat(known.askAgainInSeconds()).isZero();
  }

  @Test
  void fresh_neverCalls() {
    assertThat(cache.fromCache(QUERY, false)).isNull();
    assertThat(provider.calls).hasValue(0);
  }

  @Test
  void body_isWorthCompressing_from1024Bytes() {
    for (int length : List.of(1023, 1024)) {
      var query = new TaskQuery(new TaskId("veo3:" + length), "");
      provider.reply(new Finished(new Body(new byte[length]), "completed", null, null, null));
      fixture.get(query);

      assertThat(cache.fromCache(query, true) == null).isEqualTo(length == 1024);
    }
    provider.reply(new NotFound());
    assertThat(fixture.get(QUERY).entry().isWorthCompressing()).as("it has no body").isFalse();
  }

  @Test
  void weight_grows_byEachCharacterOfTheQuery() {
    provider.reply(FINISHED);
    CacheEntry entry = fixture.get(QUERY).entry();
    int weight = entry.weight(QUERY);

    assertThat(weight).isGreaterThan(Math.toIntExact(Body.heldBytes(FINISHED.body().length())));
    assertThat(entry.weight(new TaskQuery(new TaskId(QUERY.id().value() + "12345"), "")))
        .isEqualTo(weight + 5);
    assertThat(entry.weight(new TaskQuery(QUERY.id(), "model=veo2"))).isEqualTo(weight + 10);
  }

  @Test
  void fresh_isNotReady_whenTheBodyHasYetToBeCompressed() {
    provider.reply(new Finished(new Body(new byte[2000]), "completed", null, null, null));
    CacheEntry entry = fixture.get(QUERY).entry();

    assertThat(cache.fromCache(QUERY, true)).isNull();
    assertThat(cache.fromCache(QUERY, false)).isNotNull();
    cache.gzip(QUERY, entry);
    assertThat(cache.fromCache(QUERY, true)).isNotNull();
  }

  static List<TaskReply> failures() {
    return List.of(DOWN, new Refused(Refusal.CREDENTIALS, 401, null), new NotFound());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void get_servesStale_whenTheProviderFails(TaskReply failure) {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(30));
    provider.reply(failure);

    Answer answer = fixture.get(QUERY);

    assertThat(answer.source()).isEqualTo(Source.STALE);
    assertThat(reply(answer)).isSameAs(UNFINISHED);
    assertThat(answer.ageSeconds()).isEqualTo(30);
    assertThat(answer.askAgainInSeconds()).isEqualTo(5);
  }

  @Test
  void get_tellsTheFailure_whenTheEntryIsGone() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(122));
    provider.reply(DOWN);

    Answer answer = fixture.get(QUERY);

    assertThat(reply(answer)).isSameAs(DOWN);
    assertThat(answer)
        .extracting(Answer::source, Answer::stored)
        .containsExactly(Source.MISS, false);
  }

  @Test
  void get_servesLonger_whenThePermitOfTheNextCallIsFar() {
    provider.delay(Duration.ofSeconds(100));
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    provider.givesPermit(() -> false);

    time.advance(Duration.ofSeconds(122 + 199));
    assertThat(cache.known(QUERY, null)).isNotNull();
    time.advance(Duration.ofSeconds(2));
    assertThat(cache.known(QUERY, null)).isNull();
  }

  @Test
  void get_recovers_whenTheProviderDoes() {
    fixture.get(QUERY);
    provider.reply(FINISHED);

    assertThat(reply(fixture.get(QUERY))).isEqualTo(FINISHED);
  }

  @Test
  void get_keepsParametersApart() {
    provider.reply(query -> query.parameters().isEmpty() ? FINISHED : UNFINISHED);

    fixture.get(QUERY);
    Answer other = fixture.get(new TaskQuery(QUERY.id(), "model=veo2"));

    assertThat(reply(other)).isSameAs(UNFINISHED);
  }

  @Test
  void get_leavesTheAccountAlone_forAsLongAsTheProviderAsks() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.reply(new Refused(Refusal.RATE_LIMITED, 429, Duration.ofSeconds(20)));
    fixture.get(QUERY);

    Answer heldBack = fixture.get(QUERY);
    assertThat(heldBack.source()).isEqualTo(Source.STALE);
    assertThat(heldBack.askAgainInSeconds()).isEqualTo(20);
    assertThat(heldBack.failure())
        .isEqualTo(new Refused(Refusal.RATE_LIMITED, Refused.NO_STATUS, Duration.ofSeconds(20)));
    assertThat(provider.calls).hasValue(2);
    assertThat(provider.permitsGivenBack).as("the permit of a call not made").hasValue(1);

    time.advance(Duration.ofSeconds(20));
    provider.reply(FINISHED);
    assertThat(reply(fixture.get(QUERY))).isEqualTo(FINISHED);
  }

  @Test
  void get_callsOnce_whenManyAskAtOnce() throws Exception {
    int callers = 200;
    var everyoneWaits = new CountDownLatch(1);
    provider.reply(
        query -> {
          await(everyoneWaits);
          return FINISHED;
        });

    List<Answer> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> asked = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        asked.add(threads.submit(() -> fixture.get(QUERY)));
      }
      FakeTime.spinUntil(() -> fixture.saved() == callers - 1);
      everyoneWaits.countDown();
      for (Future<Answer> answer : asked) {
        answers.add(answer.get(10, TimeUnit.SECONDS));
      }
    }

    assertThat(provider.calls).hasValue(1);
    assertThat(answers).hasSize(callers).allMatch(answer -> reply(answer).equals(FINISHED));
    assertThat(answers).filteredOn(Answer::stored).hasSize(1);
  }

  /** The provider replies when {@code land} is counted down, and says that a call has arrived. */
  private void replyLater(TaskReply reply, CountDownLatch inFlight, CountDownLatch land) {
    provider.reply(
        query -> {
          inFlight.countDown();
          await(land);
          return reply;
        });
  }

  @Test
  void joinedCall_isTheAnswer_alsoWhenItFails() throws Exception {
    var inFlight = new CountDownLatch(1);
    var land = new CountDownLatch(1);
    replyLater(DOWN, inFlight, land);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
      await(inFlight);
      Future<Answer> joined = threads.submit(() -> fixture.get(QUERY));
      FakeTime.spinUntil(() -> fixture.saved() == 1);
      land.countDown();

      assertThat(first.get(10, TimeUnit.SECONDS).collapsed()).isFalse();
      assertThat(joined.get(10, TimeUnit.SECONDS))
          .extracting(TaskCacheTest::reply, Answer::collapsed)
          .containsExactly(DOWN, true);
      assertThat(provider.calls).hasValue(1);
    }
  }

  @Test
  void defectOfACall_reachesThoseWhoJoinedIt() throws Exception {
    var inFlight = new CountDownLatch(1);
    var land = new CountDownLatch(1);
    provider.reply(
        query -> {
          inFlight.countDown();
          await(land);
          throw new IllegalStateException("defect");
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
      await(inFlight);
      Future<Answer> joined = threads.submit(() -> fixture.get(QUERY));
      time.awaitParked(1);
      land.countDown();

      for (Future<Answer> answer : List.of(first, joined)) {
        assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS)).rootCause().hasMessage("defect");
      }
    }
  }

  @Test
  void feed_joinsTheCallOfAQuery() throws Exception {
    var inFlight = new CountDownLatch(1);
    var land = new CountDownLatch(1);
    replyLater(FINISHED, inFlight, land);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> query = threads.submit(() -> fixture.get(QUERY));
      await(inFlight);
      Future<Answer> feed = threads.submit(() -> fixture.refresh(QUERY));
      time.awaitParked(1);
      land.countDown();

      assertThat(feed.get(10, TimeUnit.SECONDS).collapsed()).isTrue();
      assertThat(query.get(10, TimeUnit.SECONDS).collapsed()).isFalse();
    }
    assertThat(provider.calls).hasValue(1);
  }

  @Test
  void feed_getsTheStaleAnswerAtOnce_whenTheTaskHasEnded() {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofHours(13));
    var land = new CountDownLatch(1);
    replyLater(FINISHED, new CountDownLatch(1), land);
    fixture.get(QUERY);

    assertThat(fixture.refresh(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    land.countDown();
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
  }

  @Test
  void feedOfAnEndedTask_doesNotCall_whileItsRefreshRests() {
    provider.reply(FINISHED);
    CacheEntry entry = fixture.get(QUERY).entry();
    Duration rest = Duration.ofSeconds(5);
    time.advance(Duration.ofHours(13));
    entry.rest(time.nanoTime() + rest.toNanos());
    var land = new CountDownLatch(1);
    replyLater(FINISHED, new CountDownLatch(1), land);

    Answer answer = fixture.refresh(QUERY);

    assertThat(answer.source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    time.advance(rest);
    assertThat(cache.revalidate(QUERY, answer, () -> true)).as("no call was under way").isTrue();
    land.countDown();
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
  }

  @Test
  void bodyOfAFeedsCall_counts_untilTheFeedReleasesIt() {
    provider.reply(LARGE);
    HeldBodies held = fixture.memory.holder();

    cache.feedCalls().refresh(QUERY, held);

    assertThat(fixture.memory.held()).isEqualTo(Body.heldBytes(LARGE.body().length()));
    held.close();
    assertThat(fixture.memory.held()).isZero();
  }

  @Test
  void bodyOfACall_countsUntilTheLastCallerHasWrittenIt() throws Exception {
    var inFlight = new CountDownLatch(1);
    var land = new CountDownLatch(1);
    replyLater(LARGE, inFlight, land);
    HeldBodies first = fixture.memory.holder();
    HeldBodies second = fixture.memory.holder();
    HeldBodies gone = fixture.memory.holder();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> call = threads.submit(() -> cache.get(QUERY, first));
      await(inFlight);
      Future<Answer> joined = threads.submit(() -> cache.get(QUERY, second));
      Future<Answer> joinedAndGone = threads.submit(() -> cache.get(QUERY, gone));
      FakeTime.spinUntil(() -> fixture.saved() == 2);
      gone.close();
      land.countDown();
      call.get(10, TimeUnit.SECONDS);
      joined.get(10, TimeUnit.SECONDS);
      joinedAndGone.get(10, TimeUnit.SECONDS);
    }

    long bytes = Body.heldBytes(LARGE.body().length());
    assertThat(fixture.memory.held()).isEqualTo(bytes);
    first.close();
    assertThat(fixture.memory.held()).isEqualTo(bytes);
    second.close();
    assertThat(fixture.memory.held()).isZero();
  }

  @Test
  void defect_reachesTheCaller_andTheNextCallIsUnaffected() {
    provider.reply(
        query -> {
          throw new IllegalStateException("defect");
        });
    assertThatThrownBy(() -> fixture.get(QUERY)).hasMessage("defect");
    assertThatThrownBy(() -> fixture.refresh(QUERY)).hasMessage("defect");
    provider.reply(FINISHED);

    assertThat(reply(fixture.get(QUERY))).isEqualTo(FINISHED);
  }

  @Test
  void gzip_isMadeOnce_andCountedInTheWeight() throws IOException {
    provider.reply(FINISHED);
    CacheEntry entry = fixture.get(QUERY).entry();
    int before = entry.weight(QUERY);

    byte[] compressed = Objects.requireNonNull(cache.gzip(QUERY, entry));

    CacheEntry kept = Objects.requireNonNull(cache.fromCache(QUERY, false)).entry();
    assertThat(Objects.requireNonNull(kept.gzip()).kept()).isSameAs(compressed);
    assertThat(kept.weight(QUERY)).isEqualTo(before + compressed.length);
    assertThat(cache.gzip(QUERY, kept)).isSameAs(compressed);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("finished");
  }

  @Test
  void gzip_isNotMade_whenThereIsNoMemoryForIt() {
    provider.reply(FINISHED);
    CacheEntry entry = fixture.get(QUERY).entry();
    assertThat(fixture.memory.tryTake(1 << 20)).isTrue();

    assertThat(cache.gzip(QUERY, entry)).isNull();
    fixture.memory.giveBack(1 << 20);
    assertThat(cache.gzip(QUERY, entry)).isNotNull();
    assertThat(fixture.memory.tryTake(1 << 20)).as("all was given back").isTrue();
  }

  @Test
  void store_isBounded_byBytes() {
    byte[] large = new byte[10_000];
    provider.reply(query -> new Finished(new Body(large), "completed", null, NOW, null));

    for (int i = 0; i < 1_000; i++) {
      fixture.get(new TaskQuery(new TaskId("veo3:task_" + i), ""));
    }

    fixture.entries.getNativeCache().cleanUp();
    assertThat(fixture.entries.getNativeCache().estimatedSize())
        .isBetween(50L, (1L << 20) / 10_000);
  }

  @Test
  void duration_isRecordedOncePerTask_andModelsAreBounded() {
    provider.reply(query -> new Finished(body("x"), "completed", NOW.minusSeconds(247), NOW, null));
    for (int i = 0; i < 100; i++) {
      fixture.get(new TaskQuery(new TaskId("model-" + i + ":task_abc"), ""));
    }
    time.advance(Duration.ofHours(12));
    fixture.get(new TaskQuery(new TaskId("model-1:task_abc"), ""));

    assertThat(fixture.registry.get("gateway.task.duration").timers()).hasSize(33);
    assertThat(durations("model-1")).isEqualTo(1);
    assertThat(durations("other")).isEqualTo(68);
  }

  private long durations(String model) {
    return fixture.registry.get("gateway.task.duration").tag("model", model).timer().count();
  }

  @Test
  void staleEntry_isServedAtOnce_andRefreshedBehind_whenThePermitIsFar() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.delay(Duration.ofSeconds(30));
    var permit = new CompletableFuture<Boolean>();
    provider.givesPermit(permit::join);

    Answer meanwhile = fixture.get(QUERY);
    Answer joined = fixture.get(QUERY);

    assertThat(meanwhile.source()).isEqualTo(Source.HIT);
    assertThat(meanwhile.askAgainInSeconds()).isEqualTo(30);
    assertThat(joined.askAgainInSeconds()).isEqualTo(30);
    assertThat(provider.calls).hasValue(1);
    provider.reply(FINISHED);
    permit.complete(true);
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
    FakeTime.spinUntil(() -> reply(fixture.get(QUERY)).equals(FINISHED));
    assertThat(provider.permitTimeouts).endsWith(Duration.ofMinutes(1));
    assertThat(provider.queueing).containsExactly(true, false);
  }

  @Test
  void evictedEntry_isNoAnswer_whenTheCallThatWaitedFails() throws Exception {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.delay(Duration.ofSeconds(30));
    var permit = new CompletableFuture<Boolean>();
    provider.givesPermit(permit::join);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> feed = threads.submit(() -> fixture.refresh(QUERY));
      FakeTime.spinUntil(() -> provider.permitTimeouts.size() == 2);
      var _ = fixture.store.forget(QUERY.id(), fixture.time.nanoTime());
      provider.reply(DOWN);
      permit.complete(true);

      Answer answer = feed.get(10, TimeUnit.SECONDS);
      assertThat(reply(answer)).isEqualTo(DOWN);
      assertThat(answer.source()).isEqualTo(Source.MISS);
      assertThat(provider.accountsAsked).endsWith("");
    }
  }

  @Test
  void firstQueryWithoutAPermit_isToldSo_alsoWhereItJoined() throws Exception {
    var permit = new CompletableFuture<Boolean>();
    provider.givesPermit(permit::join);
    provider.delay(Duration.ofMinutes(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> feed = threads.submit(() -> fixture.refresh(QUERY));
      FakeTime.spinUntil(() -> !provider.permitTimeouts.isEmpty());

      Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
      time.awaitParked(1);
      time.advance(Duration.ofSeconds(2));

      assertThat(reply(first.get(10, TimeUnit.SECONDS))).isEqualTo(PACED);
      assertThat(provider.permitTimeouts).containsExactly(Duration.ofMinutes(15));
      provider.reply(FINISHED);
      permit.complete(true);
      assertThat(reply(feed.get(10, TimeUnit.SECONDS))).isEqualTo(FINISHED);
    }
  }

  @Test
  void firstQuery_getsItsReply_whereThePermitComesInTime() {
    provider.delay(Duration.ofSeconds(30));
    provider.reply(FINISHED);

    assertThat(reply(fixture.get(QUERY))).isEqualTo(FINISHED);
  }

  @Test
  void queryWithoutAPermit_getsTheStaleAnswer() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.givesPermit(() -> false);

    Answer answer = fixture.get(QUERY);

    assertThat(reply(answer)).isEqualTo(UNFINISHED);
    assertThat(answer.askAgainInSeconds()).isEqualTo(5);
    assertThat(provider.calls).hasValue(1);
  }

  @Test
  void queryWithoutAPermit_isNoReplyOfTheProvider() {
    provider.givesPermit(() -> false);

    assertThat(reply(fixture.get(QUERY))).isEqualTo(PACED);
    assertThat(provider.calls).hasValue(0);
    assertThat(provider.permitTimeouts).containsExactly(Duration.ofSeconds(2));
  }

  private static TaskReply reply(Answer answer) {
    return answer.entry().reply();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
