package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FAILED;
import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A caller does not wait for a provider that hangs, if there is an answer. */
class StaleWhileRevalidateTest {
  private static final Duration REST = Duration.ofSeconds(5);

  private final CacheFixture fixture = new CacheFixture();
  private final TaskCache cache = fixture.cache;
  private final FakeProvider provider = fixture.provider;
  private final FakeTime time = fixture.time;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private CompletableFuture<TaskReply> reply = new CompletableFuture<>();

  @AfterEach
  void end() {
    reply.complete(DOWN);
    fixture.feeds.stop();
    threads.close();
  }

  /** The provider has given an answer, which is stale now, and hangs. */
  private void hangAfter(TaskReply first, Duration age) {
    provider.reply(first);
    fixture.get(QUERY);
    time.advance(age);
    hang();
  }

  private void hang() {
    reply = new CompletableFuture<>();
    CompletableFuture<TaskReply> hanging = reply;
    provider.reply(query -> hanging.join());
  }

  private void awaitCalls(int count) {
    FakeTime.spinUntil(() -> provider.calls.get() >= count);
    assertThat(provider.calls).hasValue(count);
  }

  @Test
  void endedTask_isServedAtOnce_andRefreshedBehind() {
    hangAfter(FINISHED, Duration.ofHours(13));

    Answer meanwhile = Objects.requireNonNull(cache.fromCache(QUERY, false));
    assertThat(meanwhile.source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    assertThat(meanwhile.ttlSeconds()).isEqualTo(-3600);
    assertThat(cache.revalidate(QUERY, meanwhile, () -> false)).as("not paid for").isFalse();
    assertThat(cache.revalidate(QUERY, meanwhile, () -> true)).isTrue();
    awaitCalls(2);
    assertThat(cache.revalidate(QUERY, meanwhile, () -> true)).as("it is under way").isFalse();
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    assertThat(provider.queueing).containsExactly(true, false);
    assertThat(provider.permitTimeouts).endsWith(Duration.ZERO);

    reply.complete(FINISHED);
    FakeTime.spinUntil(() -> fixture.get(QUERY).source() == Source.HIT);
    awaitCalls(2);
  }

  @Test
  void queryThatComesByAnotherWay_startsTheRefresh() {
    hangAfter(FAILED, Duration.ofSeconds(61));

    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    awaitCalls(2);
  }

  @Test
  void longPollsAndStreamsOfAnEndedTask_endAtOnce() {
    hangAfter(FINISHED, Duration.ofHours(13));

    try (Subscription subscription = fixture.feeds.subscribe(QUERY)) {
      Answer answer =
          Objects.requireNonNull(subscription.next(time.nanoTime() + Duration.ofDays(1).toNanos()))
              .answer();
      assertThat(answer.source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
      assertThat(answer.entry().reply()).isEqualTo(FINISHED);
    }
    awaitCalls(2);
  }

  @Test
  void refreshThatFails_isTriedAgain_after5Seconds() {
    hangAfter(FINISHED, Duration.ofHours(13));
    fixture.get(QUERY);
    awaitCalls(2);
    reply.complete(DOWN);
    FakeTime.spinUntil(() -> entry().isResting(time.nanoTime()));

    time.advance(REST.minusMillis(1));
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    awaitCalls(2);
    time.advance(Duration.ofMillis(1));
    FakeTime.spinUntil(
        () -> {
          assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
          return provider.calls.get() == 3;
        });
  }

  /** Its client may need the link a while longer: it gets the new one, if that comes soon. */
  @Test
  void lastFiveMinutesOfALink_areWaitedIn() throws Exception {
    provider.reply(fixture.signed(Duration.ofHours(1)));
    fixture.get(QUERY);
    time.advance(Duration.ofMinutes(56));
    hang();

    assertThat(cache.fromCache(QUERY, false)).isNull();
    Future<Answer> waiting = threads.submit(() -> fixture.get(QUERY));
    time.awaitParked(1);
    reply.complete(FINISHED);
    assertThat(waiting.get(10, TimeUnit.SECONDS).entry().reply()).isEqualTo(FINISHED);
  }

  @Test
  void lastFiveMinutesOfALink_areWaitedIn_1SecondAtMost_alsoIfTheLinkStaysTheSame()
      throws Exception {
    provider.reply(fixture.signed(Duration.ofMinutes(4)));
    fixture.get(QUERY);
    hang();
    Future<Answer> waiting = threads.submit(() -> fixture.get(QUERY));
    awaitCalls(2);
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));

    assertThat(waiting.get(10, TimeUnit.SECONDS).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
  }

  /** It waits for its turn, as other tasks do, and is not lost. */
  @Test
  void refreshOfAnEndedTask_waitsForItsTurn_whereMaxRateDelaysIt() {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofHours(13));
    provider.delay(Duration.ofSeconds(30));

    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    awaitCalls(2);
    assertThat(provider.permitTimeouts).endsWith(Duration.ofMinutes(1));
  }

  @Test
  void refreshWithoutAPlace_isNoFailureOfTheProvider() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.reply(new Unreachable(Trouble.SATURATED));

    Answer answer = fixture.get(QUERY);
    assertThat(answer.source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    assertThat(answer.failure()).isNull();
  }

  @Test
  void unfinishedTask_isWaitedFor_1SecondAtMost_andTheCallGoesOn() throws Exception {
    hangAfter(UNFINISHED, Duration.ofSeconds(3));

    assertThat(cache.fromCache(QUERY, false)).isNull();
    Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
    awaitCalls(2);
    Future<Answer> second = threads.submit(() -> fixture.get(QUERY));
    time.awaitParked(2);
    time.advance(Duration.ofMillis(999));
    time.awaitParked(2);
    time.advance(Duration.ofMillis(1));

    for (Future<Answer> waiting : List.of(first, second)) {
      Answer answer = waiting.get(10, TimeUnit.SECONDS);
      assertThat(answer.source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
      assertThat(answer.ttlSeconds()).isEqualTo(-2);
      assertThat(answer.askAgainInSeconds()).isEqualTo(2);
    }
    assertThat(fixture.saved()).as("the first made the call").isEqualTo(1);
    reply.complete(FINISHED);
    FakeTime.spinUntil(() -> cache.fromCache(QUERY, false) != null);
    awaitCalls(2);
    assertThat(provider.queueing).endsWith(false);
  }

  /** It could be served when the caller came: the wait of a second must not take it away. */
  @Test
  void answerThatExpiresDuringTheWait_isServed() throws Exception {
    hangAfter(UNFINISHED, Duration.ofMillis(121_500)); // usable for 122 s
    Future<Answer> waiting = threads.submit(() -> fixture.get(QUERY));
    awaitCalls(2);
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));

    assertThat(waiting.get(10, TimeUnit.SECONDS).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    reply.complete(FINISHED);
  }

  @Test
  void answerThatIsAMinuteStale_outlastsAMinuteOfHanging() throws Exception {
    hangAfter(UNFINISHED, Duration.ofSeconds(62));
    for (int i = 1; i <= 60; i++) {
      Future<Answer> waiting = threads.submit(() -> fixture.get(QUERY));
      time.awaitParked(1);
      time.advance(Duration.ofSeconds(1));

      assertThat(waiting.get(10, TimeUnit.SECONDS).source())
          .as("second %s", i)
          .isEqualTo(Source.STALE_WHILE_REVALIDATE);
    }
    reply.complete(FINISHED);
  }

  @Test
  void answerThatComesInTime_isTheAnswer_andCountsAsACall() throws Exception {
    hangAfter(UNFINISHED, Duration.ofSeconds(3));
    Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
    awaitCalls(2);
    time.awaitParked(1);
    Future<Answer> joined = threads.submit(() -> fixture.get(QUERY));
    time.awaitParked(2);
    reply.complete(FINISHED);

    assertThat(first.get(10, TimeUnit.SECONDS).source()).isEqualTo(Source.REFRESH);
    assertThat(first.get().collapsed()).isFalse();
    assertThat(joined.get(10, TimeUnit.SECONDS).collapsed()).isTrue();
    assertThat(fixture.saved()).isEqualTo(1);
  }

  @Test
  void callThatFailsAfterASecond_restsTheTask() throws Exception {
    hangAfter(UNFINISHED, Duration.ofSeconds(3));
    Future<Answer> first = threads.submit(() -> fixture.get(QUERY));
    awaitCalls(2);
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));
    first.get(10, TimeUnit.SECONDS);
    reply.complete(DOWN);
    FakeTime.spinUntil(() -> entry().isResting(time.nanoTime()));

    Answer resting = Objects.requireNonNull(cache.fromCache(QUERY, false));
    assertThat(resting.askAgainInSeconds()).isEqualTo(5);
    assertThat(cache.revalidate(QUERY, resting, () -> true)).isFalse();
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    awaitCalls(2);
  }

  @Test
  void callThatFailsAtOnce_isTheStaleAnswer_andTheNextQueryCalls() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.reply(DOWN);

    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE);
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE);
    awaitCalls(3);
  }

  @Test
  void taskThatIsNotCached_isWaitedFor() throws Exception {
    var uncached = new CacheFixture(Duration.ZERO);
    uncached.provider.reply(UNFINISHED);
    uncached.get(QUERY);
    uncached.provider.reply(query -> reply.join());
    Future<Answer> first = threads.submit(() -> uncached.get(QUERY));
    FakeTime.spinUntil(() -> uncached.provider.calls.get() == 2);
    uncached.time.advance(Duration.ofSeconds(9));
    assertThat(first).isNotDone();
    reply.complete(FINISHED);

    assertThat(first.get(10, TimeUnit.SECONDS).entry().reply()).isEqualTo(FINISHED);
    assertThat(uncached.provider.queueing).containsExactly(true, true);
  }

  private CacheEntry entry() {
    return Objects.requireNonNull(fixture.store.peek(QUERY));
  }
}
