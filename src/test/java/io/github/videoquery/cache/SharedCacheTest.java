package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FAILED;
import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.cache.TasksEndpoint.Forgotten;
import io.github.videoquery.cache.TasksEndpoint.Remembered;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/** What a replica does with what others know, and the endpoint that shows and evicts it. */
class SharedCacheTest {
  private final FakeSharedCache shared = new FakeSharedCache();
  private final CacheFixture fixture = new CacheFixture(null, shared);
  private final FakeProvider provider = fixture.provider;
  private final TasksEndpoint endpoint =
      new TasksEndpoint(fixture.store, shared, fixture.feeds, fixture.time);

  @Test
  void freshEntryOfAnotherReplica_isAHit_andItsCallIsNotMade() {
    shared.found = entry(FINISHED, Duration.ofMinutes(1));

    Answer answer = fixture.get(QUERY);

    assertThat(answer.source()).isEqualTo(Source.HIT);
    assertThat(answer.entry()).isSameAs(shared.found);
    assertThat(provider.calls).hasValue(0);
    assertThat(provider.permitsGivenBack).hasValue(1);
    assertThat(shared.brought).as("the lease ends with nothing").hasSize(1).containsOnlyNulls();
    assertThat(fixture.store.peek(QUERY)).isSameAs(shared.found);
    assertThat(fixture.saved()).isEqualTo(1);
  }

  @Test
  void reply_isStoredForAll_andAFailureIsNot() {
    provider.reply(UNFINISHED);
    Answer answer = fixture.get(QUERY);
    assertThat(shared.brought).containsExactly(answer.entry());

    fixture.time.advance(Duration.ofMinutes(2));
    provider.reply(DOWN);
    fixture.get(QUERY);
    assertThat(shared.brought).hasSize(2).endsWith((CacheEntry) null);
  }

  @Test
  void staleEntryOfAnotherReplica_isServed_whenTheCallFails() {
    shared.found = entry(UNFINISHED, Duration.ofSeconds(30));

    Answer answer = fixture.get(QUERY);

    assertThat(answer.source()).isEqualTo(Source.STALE);
    assertThat(answer.entry()).isSameAs(shared.found);
    assertThat(provider.accountsAsked).containsExactly("default");
  }

  @Test
  void olderEntryOfAnotherReplica_changesNothing() {
    provider.reply(UNFINISHED);
    CacheEntry own = fixture.get(QUERY).entry();
    fixture.time.advance(Duration.ofSeconds(3));
    shared.found = entry(FINISHED, Duration.ofSeconds(4));
    provider.reply(DOWN);

    assertThat(fixture.get(QUERY).entry()).isSameAs(own);
    assertThat(shared.knownAtLease).endsWith(own);
    assertThat(provider.calls).hasValue(2);
  }

  @Test
  void entryOfTheSameAge_changesNothing() {
    provider.reply(UNFINISHED);
    CacheEntry own = fixture.get(QUERY).entry();
    fixture.time.advance(Duration.ofSeconds(3));
    shared.found = entry(UNFINISHED, Duration.ofSeconds(3));
    provider.reply(DOWN);

    assertThat(fixture.get(QUERY).entry()).isSameAs(own);
  }

  /** A copy keeps the age of the original: else each copy would prolong its life. */
  @Test
  void entryOfAnotherReplica_isKeptAsLongAsThere() {
    shared.found = entry(FINISHED, Duration.ofHours(1));
    CacheEntry copy = fixture.get(QUERY).entry();
    fixture.time.advance(Duration.ofHours(35).minusNanos(1));
    assertThat(fixture.store.peek(QUERY)).isSameAs(copy);

    fixture.time.advance(Duration.ofNanos(1));
    assertThat(fixture.store.peek(QUERY)).isNull();
  }

  @Test
  void entryThatIsTooOld_isAsGoodAsNone() {
    shared.found = entry(UNFINISHED, Duration.ofHours(1));

    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.MISS);
    assertThat(provider.accountsAsked).containsExactly("");
  }

  /** A call that nobody waits for gives Redis more time to answer. */
  @Test
  void lease_isAwaited_byACallerThatHasNothingElse() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    assertThat(shared.awaited).containsExactly(true);

    fixture.time.advance(Duration.ofSeconds(3));
    fixture.get(QUERY);
    assertThat(shared.awaited).as("there is a stale answer").endsWith(false);

    fixture.time.advance(Duration.ofMinutes(10));
    fixture.refresh(QUERY);
    assertThat(shared.awaited).as("a subscriber").endsWith(true);
    fixture.time.advance(Duration.ofSeconds(3));
    fixture.refresh(QUERY);
    assertThat(shared.awaited).endsWith(false);
  }

  @Test
  void lease_isAwaited_byAQuery_whereAnswersAreNeverFresh() {
    var uncached = new CacheFixture(Duration.ZERO, shared);
    uncached.provider.reply(UNFINISHED);
    uncached.get(QUERY);
    uncached.get(QUERY);

    assertThat(shared.awaited).containsExactly(true, true);
  }

  @Test
  void othersAreLookedAt_beforeAPermitIsWaitedFor() {
    provider.delay(Duration.ofSeconds(30));
    shared.found = entry(FINISHED, Duration.ofMinutes(1));

    Answer answer = fixture.refresh(QUERY);

    assertThat(answer.source()).isEqualTo(Source.HIT);
    assertThat(provider.permitTimeouts).isEmpty();
    assertThat(shared.finds).isEqualTo(1);
    assertThat(shared.knownAtLease).isEmpty();
  }

  @Test
  void othersAreNotLookedAt_whenThePermitIsNear() {
    provider.delay(Duration.ofMillis(250));
    provider.reply(FINISHED);

    fixture.get(QUERY);

    assertThat(shared.finds).isZero();
    provider.delay(Duration.ofNanos(250_000_001));
    fixture.refresh(new TaskQuery(QUERY.id(), "model=veo2"));
    assertThat(shared.finds).isEqualTo(1);
  }

  @Test
  void entries_areShown_ofThisReplicaAndOfAll() {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    fixture.get(new TaskQuery(QUERY.id(), "model=veo2"));
    fixture.get(new TaskQuery(new TaskId("another"), ""));
    fixture.time.advance(Duration.ofSeconds(7));
    shared.found = entry(UNFINISHED, Duration.ofSeconds(3));

    var shown = endpoint.show(QUERY.id().value(), null);

    assertThat(shown.id()).isEqualTo(QUERY.id().value());
    assertThat(shown.remembered())
        .extracting(Remembered::parameters, Remembered::memory)
        .containsExactlyInAnyOrder(
            tuple("", "here"),
            tuple("", "shared"),
            tuple("model=veo2", "here"),
            tuple("model=veo2", "shared"));
    assertThat(shown.remembered())
        .contains(
            new Remembered(
                "",
                "here",
                "finished",
                "completed",
                "default",
                CacheFixture.NOW,
                7,
                12 * 3600 - 7,
                36 * 3600 - 7,
                8));
    assertThat(shown.remembered())
        .filteredOn(entry -> entry.memory().equals("shared"))
        .allSatisfy(
            entry -> {
              assertThat(entry.kind()).isEqualTo("unfinished");
              assertThat(entry.ageSeconds()).isEqualTo(3);
              assertThat(entry.freshSeconds()).isEqualTo(-1);
            });
  }

  @Test
  void kinds_areNamed() {
    shared.found = entry(FAILED, Duration.ZERO);
    assertThat(only().kind()).isEqualTo("failed");
    shared.found = entry(new NotFound(), Duration.ZERO);
    assertThat(only().kind()).isEqualTo("not-found");
    assertThat(only().status()).isNull();
    assertThat(only().bytes()).isZero();
    shared.found = null;
    assertThat(endpoint.show(QUERY.id().value(), null).remembered()).isEmpty();
  }

  private Remembered only() {
    return endpoint.show(QUERY.id().value(), "model=x").remembered().getFirst();
  }

  @Test
  void entries_areEvicted_everywhere() {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    fixture.get(new TaskQuery(QUERY.id(), "model=veo2"));
    var another = new TaskQuery(new TaskId("veo3:another"), "");
    fixture.get(another);
    String id = QUERY.id().value();

    assertThat(endpoint.forget(id, null)).isEqualTo(new Forgotten(id, 2, 2));
    assertThat(fixture.store.peek(QUERY)).isNull();
    assertThat(fixture.store.peek(another)).isNotNull();
    shared.evicts = false;
    assertThat(endpoint.forget(id, "model=veo9")).isEqualTo(new Forgotten(id, 0, 0));
    shared.evicts = null;
    assertThat(endpoint.forget(id, null)).isEqualTo(new Forgotten(id, 0, null));
    assertThatThrownBy(() -> endpoint.forget("ä", null))
        .isInstanceOf(InvalidEndpointRequestException.class);
  }

  /** A stall of Redis: the caller gets what is known, and one call is made all the same. */
  @Test
  void caller_waits50MillisecondsForTheSharedCache_andTheRefreshLonger() throws Exception {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    fixture.time.advance(Duration.ofSeconds(5));
    var stall = new CountDownLatch(1);
    shared.answers = () -> awaitUninterruptibly(stall);
    var caller = new FutureTask<>(() -> fixture.get(QUERY));
    Thread.ofVirtual().start(caller);

    fixture.time.awaitParked(1);
    fixture.time.advance(Duration.ofMillis(49));
    fixture.time.awaitParked(1);
    assertThat(caller.isDone()).isFalse();
    fixture.time.advance(Duration.ofMillis(51));

    assertThat(caller.get().source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    assertThat(provider.calls).hasValue(1);
    stall.countDown();
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void otherReplicas_areToldToForget() {
    String id = QUERY.id().value();
    endpoint.forget(id, null);
    assertThat(shared.announced).containsExactly(QUERY.id());

    shared.announces = false;
    assertThat(endpoint.forget(id, null)).isEqualTo(new Forgotten(id, 0, null));
  }

  @Test
  void callInFlight_doesNotBringAForgottenTaskBack() {
    provider.reply(
        query -> {
          fixture.time.advance(Duration.ofMillis(1));
          endpoint.forget(QUERY.id().value(), null);
          return FINISHED;
        });

    Answer answer = fixture.get(QUERY);

    assertThat(answer.entry().reply()).as("who asked before gets it").isEqualTo(FINISHED);
    assertThat(fixture.store.peek(QUERY)).isNull();
    assertThat(shared.brought).containsOnlyNulls();

    provider.reply(FINISHED);
    fixture.time.advance(Duration.ofMillis(1));
    fixture.get(QUERY);
    assertThat(fixture.store.peek(QUERY)).as("a later call may").isNotNull();
  }

  @Test
  void entryThatWasReadBefore_isNotStored_afterItsTaskWasForgotten() {
    CacheEntry old = entry(FINISHED, Duration.ofMinutes(1));
    long began = fixture.time.nanoTime();
    fixture.time.advance(Duration.ofMillis(1));
    var _ = fixture.store.forget(QUERY.id(), fixture.time.nanoTime());

    assertThat(fixture.store.putCopy(QUERY, old, fixture.time.nanoTime())).isNull();
    assertThat(fixture.store.put(QUERY, old, began)).isFalse();
    assertThat(fixture.store.peek(QUERY)).isNull();
    assertThat(fixture.store.put(new TaskQuery(new TaskId("veo3:2"), ""), old, began)).isTrue();

    fixture.time.advance(Duration.ofMillis(1));
    assertThat(fixture.store.put(QUERY, old, fixture.time.nanoTime())).isTrue();
  }

  /** Another replica that has not heard yet can share what a call brought that began before. */
  @Test
  void copyOfAForgottenTask_isNotUsed_forTwoSeconds_andAnOldOneNever() {
    CacheEntry old = entry(FINISHED, Duration.ofMinutes(1));
    fixture.time.advance(Duration.ofSeconds(10));
    var _ = fixture.store.forget(QUERY.id(), fixture.time.nanoTime());
    fixture.time.advance(Duration.ofMillis(1999));
    CacheEntry recent = entry(FINISHED, Duration.ofSeconds(1));
    assertThat(fixture.store.putCopy(QUERY, recent, fixture.time.nanoTime())).isNull();

    fixture.time.advance(Duration.ofMillis(2));
    assertThat(fixture.store.putCopy(QUERY, recent, fixture.time.nanoTime())).isSameAs(recent);
    fixture.time.advance(Duration.ofHours(30));
    assertThat(fixture.store.putCopy(QUERY, old, fixture.time.nanoTime())).isNull();
  }

  private CacheEntry entry(TaskReply reply, Duration age) {
    return fixture.answer(reply, Source.HIT, age).entry();
  }
}
