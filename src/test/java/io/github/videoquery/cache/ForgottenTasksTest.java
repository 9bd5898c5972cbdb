package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ForgottenTasksTest {
  private static final TaskId FIRST = new TaskId("veo3:1");
  private static final TaskId SECOND = new TaskId("veo3:2");
  private static final long NOW = Duration.ofDays(3).toNanos();
  private static final long KEPT = Duration.ofHours(36).toNanos();

  private final ForgottenTasks forgotten = new ForgottenTasks();

  @Test
  void whatBeganBefore_orAtThatMoment_isForgotten() {
    assertThat(forgotten.isForgottenSince(FIRST, NOW)).isFalse();
    forgotten.add(ForgottenTasks.digest(FIRST), NOW);

    assertThat(forgotten.isForgottenSince(FIRST, NOW - 1)).isTrue();
    assertThat(forgotten.isForgottenSince(FIRST, NOW)).isTrue();
    assertThat(forgotten.isForgottenSince(FIRST, NOW + 1)).isFalse();
    assertThat(forgotten.isForgottenSince(SECOND, NOW)).isFalse();
  }

  @Test
  void forgottenTask_isKnownFor36Hours() {
    forgotten.add(ForgottenTasks.digest(FIRST), NOW);
    forgotten.add(ForgottenTasks.digest(SECOND), NOW + KEPT);
    assertThat(forgotten.isForgottenSince(FIRST, NOW)).isTrue();

    forgotten.add(ForgottenTasks.digest(SECOND), NOW + KEPT + 1);
    assertThat(forgotten.isForgottenSince(FIRST, NOW)).isFalse();
  }
}
