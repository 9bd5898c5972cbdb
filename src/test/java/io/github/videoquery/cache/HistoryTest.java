package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryTest {
  private static final Unfinished UNLINKED = unlinked(null);

  /** A task that was made ten minutes ago. */
  private static final TaskId ID =
      new TaskId("veo3:" + NOW.minusSeconds(600).getEpochSecond() + "-abcdefghij");

  private static Unfinished unlinked(@Nullable Instant completedAt) {
    return new Unfinished(body("x"), "completed", true, completedAt);
  }

  @Test
  void task_settles_2MinutesAfterTheFirstReplyWithoutALink() {
    History first = History.first(NOW).after(UNLINKED, ID, NOW);
    assertThat(first).isEqualTo(new History(NOW, NOW, false));
    History before = first.after(UNLINKED, ID, NOW.plusMillis(119_999));
    assertThat(before).isEqualTo(first);
    assertThat(before.after(UNLINKED, ID, NOW.plusSeconds(120)))
        .isEqualTo(new History(NOW, NOW, true));
  }

  @Test
  void task_settles_2MinutesAfterItsCompletion_ifThatIsTold() {
    Instant completed = NOW.minusSeconds(100);
    History first = History.first(NOW).after(unlinked(completed), ID, NOW);
    assertThat(first).isEqualTo(new History(NOW, completed, false));
    assertThat(first.after(unlinked(completed), ID, NOW.plusSeconds(20)).isSettled()).isTrue();
    assertThat(History.first(NOW).after(unlinked(NOW.minusSeconds(120)), ID, NOW).isSettled())
        .isTrue();
  }

  @Test
  void completionInTheFuture_isNotBelieved() {
    History first = History.first(NOW).after(unlinked(NOW.plusSeconds(3600)), ID, NOW);
    assertThat(first.unlinkedSince()).isEqualTo(NOW);
  }

  /** Local time without a zone: hours ago. The link may come in a second. */
  @Test
  void completionBeforeTheTaskWasMade_isNotBelieved() {
    History first = History.first(NOW).after(unlinked(NOW.minusSeconds(601)), ID, NOW);
    assertThat(first).isEqualTo(new History(NOW, NOW, false));
    assertThat(History.first(NOW).after(unlinked(NOW.minusSeconds(600)), ID, NOW).isSettled())
        .isTrue();
    var unknown = new TaskId("a");
    assertThat(History.first(NOW).after(unlinked(NOW.minusSeconds(601)), unknown, NOW).isSettled())
        .isTrue();
  }

  @Test
  void notFound_isNoProof() {
    History first = History.first(NOW).after(UNLINKED, ID, NOW);
    assertThat(first.after(new NotFound(), ID, NOW.plusSeconds(70)).unlinkedSince()).isEqualTo(NOW);
  }

  @Test
  void anotherReply_beginsAnew() {
    History settled = new History(NOW, NOW, true);

    assertThat(settled.after(UNFINISHED, ID, NOW.plusSeconds(200))).isEqualTo(History.first(NOW));
    assertThat(settled.after(FINISHED, ID, NOW.plusSeconds(200))).isEqualTo(History.first(NOW));
  }

  @ParameterizedTest
  @CsvSource({
    "PT30S, PT10S, PT30S",
    "PT50H, PT10S, PT50H",
    "PT300000H, PT10S, PT10S", // a number that is no time
    "PT-1H, PT10S, PT10S",
  })
  void age_isThatOfATaskThatWasOldAtFirstSight_too(
      Duration agoInId, Duration sinceFirstSeen, Duration age) {
    TaskId id = new TaskId("veo3:" + NOW.minus(agoInId).getEpochSecond() + "-abcdefghij");

    assertThat(History.first(NOW.minus(sinceFirstSeen)).age(id, NOW)).isEqualTo(age);
    assertThat(History.first(NOW.minusSeconds(42)).age(new TaskId("a"), NOW))
        .isEqualTo(Duration.ofSeconds(42));
  }
}
