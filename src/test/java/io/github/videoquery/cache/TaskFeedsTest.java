package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

class TaskFeedsTest {
  private static final Duration JUST_OVER_THE_PAUSE = Duration.ofMillis(2210);

  private final CacheFixture fixture = new CacheFixture();
  private final TaskFeeds feeds = fixture.feeds;
  private final FakeProvider provider = fixture.provider;
  private final FakeTime time = fixture.time;

  @Test
  void feed_refreshesOnTheSchedule_whileItHasASubscriber() {
    provider.reply(UNFINISHED);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(UNFINISHED);
      time.awaitParked(1);
      provider.reply(FINISHED);
      time.advance(Duration.ofMillis(1790)); // a tenth less than 2 s, at most
      assertThat(provider.calls).hasValue(1);
      time.advance(Duration.ofMillis(420));

      assertThat(reply(next(subscription))).isEqualTo(FINISHED);
      assertThat(provider.calls).hasValue(2);
    }
    awaitFeeds(0);
  }

  /** Else many watched tasks at a provider that hangs would keep first queries out. */
  @Test
  void refreshesOfAFeed_doNotQueue_andAreNoFailure_whereThereIsNoRoom() {
    provider.reply(UNFINISHED);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      next(subscription);
      time.awaitParked(1);
      provider.reply(new Unreachable(Trouble.SATURATED));
      time.advance(JUST_OVER_THE_PAUSE);
      awaitCalls(2);
      time.awaitParked(1);
      provider.reply(FINISHED);
      time.advance(Duration.ofSeconds(2).minusNanos(1));
      assertThat(provider.calls).hasValue(2);
      time.advance(Duration.ofNanos(1));

      assertThat(reply(next(subscription))).as("no problem before").isEqualTo(FINISHED);
    }
    assertThat(provider.queueing).containsExactly(true, false, false);
  }

  /** Else a late thread's answer would not count until it begins to write. */
  @Test
  void answer_isHeldForASubscriber_fromTheMomentItIsWoken() {
    provider.reply(UNFINISHED);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      time.awaitParked(1);
      for (int length : List.of(100_000, 200_000)) {
        provider.reply(new Unfinished(body("x".repeat(length)), "queued"));
        int calls = provider.calls.get();
        time.advance(Duration.ofMinutes(1));
        awaitCalls(calls + 1);
        time.awaitParked(1);
        assertThat(fixture.memory.held()).as("the latest").isEqualTo(Body.heldBytes(length));
      }
      try (var _ = subscription.held().moved()) {
        next(subscription);
        assertThat(fixture.memory.held()).isEqualTo(Body.heldBytes(200_000));
      }
      assertThat(fixture.memory.held()).as("written").isZero();
    }
    assertThat(fixture.memory.held()).isZero();
  }

  /** Many of them can wait for a slow reader, and the cache keeps them anyway. */
  @Test
  void answerFromTheCache_isNotHeld() {
    provider.reply(new Unfinished(body("x".repeat(100_000)), "queued"));
    fixture.get(QUERY);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      time.awaitParked(1); // the feed has published it, and holds nothing any more
      assertThat(subscription.peek()).isNotNull();
      assertThat(provider.calls).hasValue(1);
      assertThat(fixture.memory.held()).isZero();
    }
  }

  /** Tasks seen at the same moment are not asked for at the same moment ever after. */
  @Test
  void pauses_differByATenth_amongEntriesOfDifferentTimes() {
    provider.reply(UNFINISHED);
    List<Double> pauses = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      var query = new TaskQuery(new TaskId("veo3:task_" + i), "");
      try (Subscription subscription = feeds.subscribe(query)) {
        pauses.add(next(subscription).answer().pauseNanos() / 2e9);
      }
      time.advance(Duration.ofMillis(1));
    }

    assertThat(pauses).allMatch(pause -> pause >= 0.9 && pause <= 1.1);
    assertThat(pauses).anyMatch(pause -> pause < 0.92).anyMatch(pause -> pause > 1.08);
  }

  @Test
  void feed_callsWhenItsPauseIsOver_evenIfTheEntryIsStillFresh() {
    provider.reply(UNFINISHED);
    for (int i = 0; i < 20; i++) {
      var query = new TaskQuery(new TaskId("veo3:task_" + i), "");
      time.advance(Duration.ofMillis(7));
      try (Subscription subscription = feeds.subscribe(query)) {
        long pause = next(subscription).answer().pauseNanos();
        int before = provider.calls.get();
        time.awaitParked(1);
        time.advance(Duration.ofNanos(pause));
        awaitCalls(before + 1);
      }
      awaitFeeds(0);
    }
  }

  @Test
  void feed_makesOneCall_forAllItsSubscribers() throws Exception {
    provider.reply(UNFINISHED);
    int subscribers = 50;
    var subscribed = new CountDownLatch(subscribers);
    var go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Update>>> told = new ArrayList<>();
      for (int i = 0; i < subscribers; i++) {
        told.add(
            threads.submit(
                () -> {
                  try (Subscription subscription = feeds.subscribe(QUERY)) {
                    Update first = next(subscription);
                    subscribed.countDown();
                    assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
                    return List.of(first, next(subscription));
                  }
                }));
      }
      assertThat(subscribed.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(gauge("gateway.feeds")).isEqualTo(1);
      assertThat(gauge("gateway.feed.subscribers")).isEqualTo(subscribers);
      time.awaitParked(1);
      provider.reply(FINISHED);
      time.advance(JUST_OVER_THE_PAUSE);
      go.countDown();
      for (Future<List<Update>> updates : told) {
        assertThat(updates.get(10, TimeUnit.SECONDS))
            .extracting(TaskFeedsTest::reply)
            .containsExactly(UNFINISHED, FINISHED);
      }
    }
    assertThat(provider.calls).hasValue(2);
    assertThat(fixture.saved()).isEqualTo(2 * subscribers - 2);
    awaitFeeds(0);
  }

  @Test
  void firstSubscriber_looksAtTheCache_beforeACall() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);

    for (int i = 0; i < 3; i++) {
      try (Subscription subscription = feeds.subscribe(QUERY)) {
        assertThat(next(subscription).answer().source()).isEqualTo(Answer.Source.HIT);
      }
      awaitFeeds(0);
    }

    assertThat(provider.calls).hasValue(1);
    assertThat(fixture.saved()).isEqualTo(3);
  }

  @Test
  void failure_isToldToAllWhoCome_untilTheNextCallIsDue() {
    for (int i = 0; i < 3; i++) {
      try (Subscription subscription = feeds.subscribe(QUERY)) {
        assertThat(reply(next(subscription))).isEqualTo(DOWN);
      }
    }
    assertThat(provider.calls).hasValue(1);
    assertThat(gauge("gateway.feeds")).as("keeps the failure").isEqualTo(1);

    time.awaitParked(1);
    time.advance(Duration.ofSeconds(5));
    awaitFeeds(0);
    assertThat(provider.calls).as("nobody subscribes").hasValue(1);
  }

  @Test
  void failure_isForgotten_whenAQueryBringsAnAnswer() {
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(DOWN);
    }
    provider.reply(UNFINISHED);
    fixture.get(QUERY);

    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(UNFINISHED);
    }
    assertThat(provider.calls).hasValue(2);
  }

  @Test
  void newSubscriber_getsTheAnswerOfAQuery_thoughTheFeedHasAStaleOne() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(30));
    provider.reply(DOWN);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(next(subscription).answer().source()).isEqualTo(Answer.Source.STALE);
    }
    provider.reply(FINISHED);
    fixture.get(QUERY);

    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(FINISHED);
    }
    assertThat(provider.calls).hasValue(3);
  }

  /** A query may call before a feed whose pause is a little longer. */
  @Test
  void newerAnswer_isTold_beforeTheFeedRefreshes() {
    provider.reply(UNFINISHED);
    for (int i = 0; i < 100; i++) {
      var query = new TaskQuery(new TaskId("veo3:task_" + i), "");
      try (Subscription first = feeds.subscribe(query)) {
        long pause = next(first).answer().pauseNanos();
        time.awaitParked(1);
        if (pause > Duration.ofMillis(2100).toNanos()) {
          time.advance(Duration.ofMillis(2050));
          provider.reply(FINISHED);
          fixture.get(query);
          double saved = fixture.saved();
          try (Subscription second = feeds.subscribe(query)) {
            assertThat(reply(Objects.requireNonNull(second.poll(true)))).isEqualTo(FINISHED);
            assertThat(fixture.saved()).as("one for each").isEqualTo(saved + 2);
          }
          try (Subscription third = feeds.subscribe(query)) {
            assertThat(reply(Objects.requireNonNull(third.poll(true)))).isEqualTo(FINISHED);
            assertThat(fixture.saved()).as("it is not newer").isEqualTo(saved + 3);
          }
          return;
        }
      }
      time.advance(Duration.ofMillis(7));
    }
    throw new AssertionError("No pause is longer than 2.1 s");
  }

  @Test
  void newSubscriber_causesACall_whereAnswersAreNeverFresh() {
    var uncached = new CacheFixture(Duration.ZERO, SharedCache.NONE);
    uncached.provider.reply(UNFINISHED);
    try (Subscription first = uncached.feeds.subscribe(QUERY)) {
      next(uncached, first);
      uncached.time.awaitParked(1);
      try (Subscription second = uncached.feeds.subscribe(QUERY)) {
        FakeTime.spinUntil(() -> uncached.provider.calls.get() == 2);
        next(uncached, second);
      }
    }
  }

  @Test
  void refreshNow_refreshesOnlyTheFeedsThatMatch() {
    provider.reply(UNFINISHED);
    var another = new TaskQuery(new TaskId("veo3:another"), "");
    try (Subscription subscription = feeds.subscribe(QUERY);
        Subscription other = feeds.subscribe(another)) {
      next(subscription);
      next(other);
      time.awaitParked(2);
      var _ = fixture.store.forget(QUERY.id(), time.nanoTime());
      time.advance(Duration.ofMillis(1));
      provider.reply(FINISHED);
      feeds.refreshNow(QUERY::equals);

      assertThat(reply(next(subscription))).isEqualTo(FINISHED);
      time.awaitParked(2);
      assertThat(other.peek()).isNull();
    }
    assertThat(provider.calls).hasValue(3);
  }

  @Test
  void newerAnswer_bringsItsOwnPause() {
    provider.reply(new Refused(Refusal.RATE_LIMITED, 429, Duration.ofSeconds(20)));
    try (Subscription first = feeds.subscribe(QUERY)) {
      next(first);
      time.awaitParked(1);
      provider.reply(UNFINISHED);
      provider.account("another"); // which did not ask to be left alone
      fixture.get(QUERY);
      try (Subscription second = feeds.subscribe(QUERY)) {
        assertThat(reply(next(second))).isEqualTo(UNFINISHED);
        time.awaitParked(1);
        provider.reply(FINISHED);
        time.advance(JUST_OVER_THE_PAUSE);
        assertThat(reply(next(second))).as("not after 20 s").isEqualTo(FINISHED);
      }
    }
  }

  @Test
  void callsCount_asMadeForTheOldestWhoIsLeft() {
    provider.reply(UNFINISHED);
    Subscription first = feeds.subscribe(QUERY);
    next(first);
    try (Subscription second = feeds.subscribe(QUERY)) {
      next(second);
      first.close();
      time.awaitParked(1);
      provider.reply(FINISHED);
      time.advance(JUST_OVER_THE_PAUSE);

      assertThat(next(second).answer().collapsed()).isFalse();
    }
  }

  @Test
  void failure_isForgotten_byTheOperatorsHand() {
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(DOWN);
      time.awaitParked(1);
      provider.reply(UNFINISHED);

      var forgotten =
          new TasksEndpoint(fixture.store, SharedCache.NONE, feeds, time)
              .forget(QUERY.id().value(), null);

      assertThat(forgotten.here()).isZero();
      assertThat(forgotten.shared()).as("nothing was shared").isZero();

      assertThat(reply(next(subscription))).isEqualTo(UNFINISHED);
    }
  }

  @Test
  void feed_leavesTheProviderAlone_forAsLongAsItAsks() {
    provider.reply(new Refused(Refusal.RATE_LIMITED, 429, Duration.ofSeconds(20)));
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      next(subscription);
      time.awaitParked(1);
      time.advance(Duration.ofSeconds(19));
      time.awaitParked(1);
      assertThat(provider.calls).hasValue(1);
      time.advance(Duration.ofSeconds(1));
      awaitCalls(2);
    }
  }

  @Test
  void notFound_isBelieved_theThirdTimeInARow() {
    provider.reply(new NotFound());
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(next(subscription).isBelieved()).isFalse();
      for (int calls = 2; calls <= 3; calls++) {
        time.awaitParked(1);
        time.advance(JUST_OVER_THE_PAUSE);
        awaitCalls(calls);
      }
      Update third = next(subscription);
      assertThat(third.isBelieved()).isTrue();
      assertThat(third.number()).isEqualTo(3);
      time.awaitParked(1);
      provider.reply(UNFINISHED);
      time.advance(JUST_OVER_THE_PAUSE);
      assertThat(next(subscription).isBelieved()).isTrue();
    }
  }

  @Test
  void unbelievedAnswer_isPassedOver_byThoseWhoWaitForABelievedOne() throws Exception {
    provider.reply(new NotFound());
    long deadline = time.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<@Nullable Update> believed =
          threads.submit(
              () -> {
                try (Subscription subscription = feeds.subscribe(QUERY)) {
                  return subscription.nextBelieved(deadline);
                }
              });
      for (int calls = 1; calls < 3; calls++) {
        awaitCalls(calls);
        time.awaitParked(2);
        time.advance(JUST_OVER_THE_PAUSE);
      }

      assertThat(Objects.requireNonNull(believed.get(10, TimeUnit.SECONDS)).number()).isEqualTo(3);
    }
  }

  @Test
  void answerThatNobodyTook_isReleased_whenItsSubscriberLeaves() {
    provider.reply(new Unfinished(body("x".repeat(100_000)), "queued"));
    Subscription subscription = feeds.subscribe(QUERY);
    time.awaitParked(1);
    assertThat(fixture.memory.held()).isEqualTo(Body.heldBytes(100_000));

    subscription.close();
    assertThat(fixture.memory.held()).isZero();
  }

  @Test
  void slowSubscriber_seesTheLatest_notEach() {
    provider.reply(DOWN);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      next(subscription);
      for (TaskReply reply : List.of(DOWN, DOWN, UNFINISHED)) {
        time.awaitParked(1);
        provider.reply(reply);
        int before = provider.calls.get();
        time.advance(Duration.ofSeconds(5));
        FakeTime.spinUntil(() -> provider.calls.get() > before);
      }
      time.awaitParked(1);

      assertThat(reply(next(subscription))).isEqualTo(UNFINISHED);
    }
  }

  /** Ten thousand streams sleep while their tasks change nothing. */
  @Test
  void equalAnswer_wakesNobody_andIsGivenAtTheDeadline() throws Exception {
    provider.reply(UNFINISHED);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<@Nullable Update> second = threads.submit(() -> secondUpdate(Duration.ofSeconds(3)));
      time.awaitParked(2);
      time.advance(JUST_OVER_THE_PAUSE);
      awaitCalls(2);
      time.awaitParked(2);
      assertThat(second).isNotDone();
      time.advance(Duration.ofSeconds(1));

      assertThat(Objects.requireNonNull(second.get(10, TimeUnit.SECONDS)).number()).isEqualTo(2);
    }
  }

  @Test
  void subscriberThatComesWhenARefreshIsDue_isToldItsAnswer_evenIfItIsEqual() throws Exception {
    provider.reply(UNFINISHED);
    var refresh = new CompletableFuture<TaskReply>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Subscription first = feeds.subscribe(QUERY)) {
      next(first);
      time.awaitParked(1);
      provider.reply(query -> refresh.join());
      time.advance(JUST_OVER_THE_PAUSE);
      awaitCalls(2);
      Future<Update> late =
          threads.submit(
              () -> {
                try (Subscription subscription = feeds.subscribe(QUERY)) {
                  return next(subscription);
                }
              });
      time.awaitParked(1);
      refresh.complete(UNFINISHED);

      assertThat(late.get(10, TimeUnit.SECONDS).number()).isEqualTo(2);
    }
  }

  @Test
  void next_isNothing_whenTheDeadlinePasses() throws Exception {
    provider.reply(UNFINISHED);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<@Nullable Update> second = threads.submit(() -> secondUpdate(Duration.ofSeconds(1)));
      time.awaitParked(2); // the feed and its subscriber
      time.advance(Duration.ofSeconds(1));

      assertThat(second.get(10, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  void stop_wakesEverySubscriber_andEndsTheFeed() throws Exception {
    provider.reply(UNFINISHED);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<@Nullable Update> second = threads.submit(() -> secondUpdate(Duration.ofDays(1)));
      time.awaitParked(2);

      feeds.stop();

      assertThat(second.get(10, TimeUnit.SECONDS)).isNull();
      assertThat(feeds.isStopping()).isTrue();
      assertThat(feeds.isRunning()).isFalse();
      assertThat(feeds.getPhase())
          .as("before the server")
          .isGreaterThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
    }
    awaitFeeds(0);
  }

  @Test
  void stop_endsAFeed_alsoIfASubscriberStays() {
    assertThat(feeds.isRunning()).isTrue();
    provider.reply(UNFINISHED);
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      next(subscription);
      time.awaitParked(1);

      feeds.stop();

      awaitFeeds(0);
    }
  }

  @Test
  void defect_reachesTheSubscriber_andTheNextFeedIsUnaffected() {
    provider.reply(
        query -> {
          throw new IllegalStateException("defect");
        });
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThatThrownBy(() -> next(subscription)).hasRootCauseMessage("defect");
    }
    provider.reply(FINISHED);

    try (Subscription subscription = feeds.subscribe(QUERY)) {
      assertThat(reply(next(subscription))).isEqualTo(FINISHED);
    }
  }

  @Test
  void feed_pausesASecond_whereAnswersAreNotFreshForAnyTime() {
    var uncached = new CacheFixture(Duration.ZERO, SharedCache.NONE);
    uncached.provider.reply(UNFINISHED);
    try (Subscription subscription = uncached.feeds.subscribe(QUERY)) {
      next(uncached, subscription);
      uncached.time.awaitParked(1);
      uncached.time.advance(Duration.ofMillis(999));
      uncached.time.awaitParked(1);
      assertThat(uncached.provider.calls).hasValue(1);
      uncached.time.advance(Duration.ofMillis(1));
      FakeTime.spinUntil(() -> uncached.provider.calls.get() > 1);
      assertThat(uncached.provider.calls).hasValue(2);
    }
  }

  @Test
  void subscriberThatJoins_isToldACachedAnswer_andCollapsedOnesAfterwards() throws Exception {
    provider.reply(UNFINISHED);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Subscription first = feeds.subscribe(QUERY)) {
      assertThat(next(first).answer().collapsed()).isFalse();
      time.awaitParked(1);
      var joined = new CountDownLatch(1);
      Future<List<Answer>> second =
          threads.submit(
              () -> {
                try (Subscription subscription = feeds.subscribe(QUERY)) {
                  Answer cached = next(subscription).answer();
                  joined.countDown();
                  return List.of(cached, next(subscription).answer());
                }
              });
      assertThat(joined.await(10, TimeUnit.SECONDS)).isTrue();
      provider.reply(FINISHED);
      time.advance(JUST_OVER_THE_PAUSE);

      List<Answer> told = second.get(10, TimeUnit.SECONDS);
      assertThat(told.getFirst().source()).isEqualTo(Answer.Source.HIT);
      assertThat(told.getLast().collapsed()).isTrue();
      assertThat(next(first).answer().collapsed()).isFalse();
    }
  }

  /** What a subscriber gets after the first update, within the time. */
  private @Nullable Update secondUpdate(Duration within) {
    try (Subscription subscription = feeds.subscribe(QUERY)) {
      next(subscription);
      return subscription.next(time.nanoTime() + within.toNanos());
    }
  }

  private Update next(Subscription subscription) {
    return next(fixture, subscription);
  }

  private static Update next(CacheFixture of, Subscription subscription) {
    return Objects.requireNonNull(
        subscription.next(of.time.nanoTime() + Duration.ofDays(1).toNanos()));
  }

  private static TaskReply reply(Update update) {
    return update.answer().entry().reply();
  }

  private double gauge(String name) {
    return fixture.registry.get(name).gauge().value();
  }

  private void awaitCalls(int count) {
    FakeTime.spinUntil(() -> provider.calls.get() >= count);
    assertThat(provider.calls).hasValue(count);
  }

  private void awaitFeeds(int count) {
    FakeTime.spinUntil(() -> gauge("gateway.feeds") == count);
  }
}
