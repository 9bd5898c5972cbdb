package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** An answer is counted as a saved call if no call was made for it. */
class SavedCallsTest {
  private final FakeSharedCache shared = new FakeSharedCache();
  private final CacheFixture fixture = new CacheFixture(null, shared);
  private final FakeProvider provider = fixture.provider;
  private final FakeTime time = fixture.time;

  @Test
  void hits_count_andCallsDoNot() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    assertThat(fixture.saved()).isZero();
    fixture.cache.fromCache(QUERY, false);
    assertThat(fixture.saved()).isEqualTo(1);
    fixture.get(QUERY);
    assertThat(fixture.saved()).isEqualTo(2);

    time.advance(Duration.ofSeconds(3));
    fixture.get(QUERY);
    assertThat(fixture.saved()).as("refreshed").isEqualTo(2);
    provider.reply(DOWN);
    time.advance(Duration.ofSeconds(3));
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE);
    assertThat(fixture.saved()).isEqualTo(2);
    assertThat(provider.calls).hasValue(3);
  }

  @Test
  void staleAnswer_counts_whereAnotherOneStartedTheCall() {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofHours(13));
    var reply = new CompletableFuture<Void>();
    provider.reply(
        _ -> {
          reply.join();
          return FINISHED;
        });
    Answer stale = Objects.requireNonNull(fixture.cache.fromCache(QUERY, false));

    assertThat(fixture.cache.revalidate(QUERY, stale, () -> true)).isTrue();
    assertThat(fixture.saved()).isZero();
    boolean isStarted =
        fixture.cache.revalidate(
            QUERY,
            stale,
            () -> {
              throw new AssertionError("nobody pays for a call that is not made");
            });
    assertThat(isStarted).isFalse();
    assertThat(fixture.saved()).isEqualTo(1);
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
    assertThat(fixture.saved()).isEqualTo(2);
    reply.complete(null);
  }

  @Test
  void staleAnswer_counts_whereADelayedCallIsAlreadyOnItsWay() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    provider.delay(Duration.ofSeconds(30));
    var permit = new CompletableFuture<Boolean>();
    provider.givesPermit(permit::join);

    fixture.get(QUERY);
    assertThat(fixture.saved()).isZero();
    fixture.get(QUERY);
    assertThat(fixture.saved()).isEqualTo(1);
    permit.complete(false);
  }

  @Test
  void answerOfAnotherReplica_counts_alsoWhereAStaleOneWasKnown() {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    time.advance(Duration.ofSeconds(3));
    shared.found = fixture.answer(FINISHED, Source.HIT, Duration.ZERO).entry();

    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.HIT);
    assertThat(fixture.saved()).isEqualTo(1);
    assertThat(provider.calls).hasValue(1);
  }

  /** The entry is there before the call is over: the lease has to end first. */
  @Test
  void freshEntryOfACallUnderWay_isAHit_andCountsOnce() {
    provider.reply(FINISHED);
    shared.ends = () -> assertThat(fixture.get(QUERY).source()).isEqualTo(Source.HIT);

    fixture.get(QUERY);

    assertThat(fixture.saved()).isEqualTo(1);
    assertThat(provider.calls).hasValue(1);
  }

  @Test
  void subscriberThatJoins_counts_whereItIsToldAnAnswer_andNotAFailure() {
    try (Subscription failed = fixture.feeds.subscribe(QUERY)) {
      time.awaitParked(1);
      assertThat(failed.poll(true)).isNotNull();
      try (Subscription joins = fixture.feeds.subscribe(QUERY)) {
        assertThat(joins.poll(true)).isNotNull();
        assertThat(fixture.saved()).isZero();
        provider.reply(UNFINISHED);
        time.advance(Duration.ofSeconds(5));
        time.awaitParked(1);
        assertThat(fixture.saved()).isEqualTo(1);
        try (Subscription last = fixture.feeds.subscribe(QUERY)) {
          assertThat(last.poll(true)).isNotNull();
          assertThat(fixture.saved()).isEqualTo(2);
        }
      }
    }
    assertThat(provider.calls).hasValue(2);
  }
}
