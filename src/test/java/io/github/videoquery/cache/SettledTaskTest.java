package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.Answer.Source;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A finished task that never gets a link is answered for good, as a failed one is. */
class SettledTaskTest {
  private static final Unfinished UNLINKED = new Unfinished(body("x"), "completed", true, null);

  @Test
  void task_isCachedAsAFailedOne_onceItIsSettled() {
    var fixture = new CacheFixture();
    fixture.provider.reply(UNLINKED);
    CacheEntry first = fixture.get(QUERY).entry();
    assertThat(first.isEnded()).isFalse();
    assertThat(Duration.ofNanos(first.freshNanos())).isEqualTo(Duration.ofSeconds(2));
    fixture.time.advance(Duration.ofMinutes(2));

    CacheEntry settled = fixture.get(QUERY).entry();

    assertThat(settled.isEnded()).isTrue();
    assertThat(Duration.ofNanos(settled.freshNanos())).isEqualTo(Duration.ofSeconds(60));
    assertThat(settled.pauseNanos()).as("without jitter").isEqualTo(settled.freshNanos());
    assertThat(Duration.ofNanos(settled.usableNanos())).isEqualTo(Duration.ofMinutes(11));
    assertThat(Duration.ofNanos(settled.keptNanos())).isEqualTo(Duration.ofMinutes(15));
    fixture.time.advance(Duration.ofSeconds(61));
    assertThat(fixture.get(QUERY).source()).isEqualTo(Source.STALE_WHILE_REVALIDATE);
  }

  @Test
  void taskThatIsNotSettled_isServedNoLongerThanAnotherUnfinishedOne() {
    var fixture = new CacheFixture();
    fixture.provider.reply(UNLINKED);
    fixture.get(QUERY);
    fixture.provider.reply(FakeProvider.DOWN);
    fixture.time.advance(Duration.ofSeconds(122).minusNanos(1));
    assertThat(fixture.get(QUERY).entry().reply()).isEqualTo(UNLINKED);
    fixture.time.advance(Duration.ofNanos(1));

    assertThat(fixture.get(QUERY).entry().reply()).isEqualTo(FakeProvider.DOWN);
  }

  @Test
  void slowPoller_seesItSettle() {
    var fixture = new CacheFixture();
    fixture.provider.reply(UNLINKED);
    fixture.get(QUERY);
    fixture.time.advance(Duration.ofSeconds(70));
    assertThat(fixture.get(QUERY).entry().isEnded()).isFalse();
    fixture.time.advance(Duration.ofSeconds(70));

    assertThat(fixture.get(QUERY).entry().isEnded()).isTrue();
  }

  @Test
  void linkThatComesLater_makesItFinished() {
    var fixture = new CacheFixture();
    fixture.provider.reply(UNLINKED);
    fixture.get(QUERY);
    fixture.time.advance(Duration.ofMinutes(2));
    fixture.get(QUERY);
    fixture.provider.reply(FINISHED);
    fixture.time.advance(Duration.ofMinutes(12));

    CacheEntry finished = fixture.get(QUERY).entry();
    assertThat(finished.reply()).isEqualTo(FINISHED);
    assertThat(finished.history().unlinkedSince()).isNull();
  }

  @Test
  void feed_tellsThatItIsSettled() {
    var fixture = new CacheFixture();
    fixture.provider.reply(UNLINKED);
    try (Subscription subscription = fixture.feeds.subscribe(QUERY)) {
      assertThat(next(fixture, subscription).entry().isEnded()).isFalse();
      fixture.time.awaitParked(1);
      fixture.time.advance(Duration.ofSeconds(121));
      assertThat(next(fixture, subscription).entry().isEnded()).as("the same news").isTrue();
    }
    fixture.feeds.stop();
  }

  private static Answer next(CacheFixture fixture, Subscription subscription) {
    long deadline = fixture.time.nanoTime() + Duration.ofDays(1).toNanos();
    return Objects.requireNonNull(subscription.next(deadline)).answer();
  }

  /** The first time is in the entry that replicas share. */
  @Test
  void anotherReplica_goesOnCounting() throws IOException {
    var one = new CacheFixture();
    one.provider.reply(UNLINKED);
    CacheEntry first = one.get(QUERY).entry();
    byte[] stored = StoredEntry.write(QUERY, first, one.time.nanoTime(), one.time.instant());

    var shared = new FakeSharedCache();
    var another = new CacheFixture(null, shared);
    StoredEntry read = StoredEntry.read(QUERY, stored);
    shared.found =
        new CacheEntry(
            read.reply(),
            "veo3",
            read.account(),
            read.history(),
            another.time.nanoTime(),
            read.lifetime());
    another.time.advance(Duration.ofSeconds(121));
    another.provider.reply(UNLINKED);

    assertThat(another.get(QUERY).entry().isEnded()).isTrue();
    assertThat(another.provider.calls).hasValue(1);
  }
}
