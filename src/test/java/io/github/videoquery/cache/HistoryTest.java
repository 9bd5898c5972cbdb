package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final Unfinished UNLINKED = unlinked(null);

  private static Unfinished unlinked(@Nullable Instant completedAt) {
    return new Unfinished(body("x"), "completed", true, completedAt);
  }

  @Test
  void task_settles_2MinutesAfterTheFirstReplyWithoutALink() {
    History first = History.first(NOW).after(UNLINKED, NOW);
    assertThat(first).isEqualTo(new History(NOW, NOW, false));
    History before = first.after(UNLINKED, NOW.plusMillis(119_999));
    assertThat(before).isEqualTo(first);
    assertThat(before.after(UNLINKED, NOW.plusSeconds(120))).isEqualTo(new History(NOW, NOW, true));
  }

  @Test
  void task_settles_2MinutesAfterItsCompletion_ifThatIsTold() {
    Instant completed = NOW.minusSeconds(100);
    History first = History.first(NOW).after(unlinked(completed), NOW);
    assertThat(first).isEqualTo(new History(NOW, completed, false));
    assertThat(first.after(unlinked(completed), NOW.plusSeconds(20)).isSettled()).isTrue();
    assertThat(History.first(NOW).after(unlinked(NOW.minusSeconds(120)), NOW).isSettled()).isTrue();
  }

  @Test
  void completionInTheFuture_isNotBelieved() {
    History first = History.first(NOW).after(unlinked(NOW.plusSeconds(3600)), NOW);
    assertThat(first.unlinkedSince()).isEqualTo(NOW);
  }

  @Test
  void notFound_isNoProof() {
    History first = History.first(NOW).after(UNLINKED, NOW);
    assertThat(first.after(new NotFound(), NOW.plusSeconds(70)).unlinkedSince()).isEqualTo(NOW);
  }

  @Test
  void anotherReply_beginsAnew() {
    History settled = new History(NOW, NOW, true);

    assertThat(settled.after(UNFINISHED, NOW.plusSeconds(200))).isEqualTo(History.first(NOW));
    assertThat(settled.after(FINISHED, NOW.plusSeconds(200))).isEqualTo(History.first(NOW));
  }
}
