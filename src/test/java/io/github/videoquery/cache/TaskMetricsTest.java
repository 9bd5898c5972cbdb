package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.FAILED;
import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskMetricsTest {
  private static final TaskId ID = new TaskId("veo3:task_abc");

  private final FakeTime time = new FakeTime(NOW);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Forecast forecast = new Forecast(time);
  private final TaskMetrics metrics = new TaskMetrics(registry, forecast);

  /** Negative ones would enter the expected end. */
  @ParameterizedTest
  @CsvSource({"PT0S, 0", "PT-1S, 0", "PT1S, 1", "PT23H59M59S, 1", "PT24H, 0", "PT48H, 0"})
  void impossibleDurations_areLeftOut(Duration duration, int counted) {
    metrics.stored(ID, finished(NOW.minus(duration), NOW), "veo3", null);

    assertThat(registry.find("gateway.task.duration").timers()).hasSize(counted);
    assertThat(forecast.expectedAt(new TaskQuery(ID, ""), entry(UNFINISHED)).isPresent())
        .isEqualTo(counted == 1);
  }

  @Test
  void duration_isCounted_onlyWhenTheTaskIsFirstSeenFinished() {
    TaskReply finished = finished(NOW.minusSeconds(60), NOW);
    metrics.stored(ID, finished, "veo3", entry(finished));
    assertThat(registry.find("gateway.task.duration").timers()).isEmpty();

    metrics.stored(ID, finished, "veo3", entry(UNFINISHED));
    assertThat(registry.get("gateway.task.duration").timer().count()).isEqualTo(1);
  }

  @Test
  void timeOfCreation_isTakenFromTheId_whereTheReplyHasNone() {
    var id = new TaskId("veo3:1770350082-abc");
    Instant created = Instant.ofEpochSecond(1770350082);
    metrics.stored(id, finished(null, created.plusSeconds(90)), "veo3", null);

    assertThat(
            registry
                .get("gateway.task.duration")
                .timer()
                .totalTime(java.util.concurrent.TimeUnit.SECONDS))
        .isEqualTo(90);
  }

  @Test
  void replyWithoutTimes_hasNoDuration() {
    metrics.stored(ID, FINISHED, "veo3", null);
    metrics.stored(ID, finished(NOW, null), "veo3", null);

    assertThat(registry.find("gateway.task.duration").timers()).isEmpty();
  }

  @Test
  void statuses_areCounted_thoseThatAreKnownByName() {
    metrics.stored(ID, UNFINISHED, "veo3", null);
    metrics.stored(ID, FAILED, "veo3", null);
    metrics.stored(ID, new Unfinished(body("x"), "Queued"), "veo3", null);
    metrics.stored(ID, new Unfinished(body("x"), "made-up-word"), "veo3", null);
    metrics.stored(ID, new NotFound(), "other", null);

    assertThat(status("queued")).isEqualTo(2);
    assertThat(status("failed")).isEqualTo(1);
    assertThat(status("other")).isEqualTo(1);
    assertThat(registry.get("gateway.task.status").counters()).hasSize(3);
  }

  @Test
  void model_isThatOfTasksTheProviderAnsweredFor_the32First() {
    assertThat(metrics.model(new TaskId("never:1"), new NotFound())).isEqualTo("other");
    assertThat(metrics.model(new TaskId("task"), UNFINISHED)).isEqualTo("other");
    for (int i = 0; i < 32; i++) {
      assertThat(metrics.model(new TaskId("m" + i + ":1"), UNFINISHED)).isEqualTo("m" + i);
    }
    assertThat(metrics.model(new TaskId("m32:1"), UNFINISHED)).isEqualTo("other");
    assertThat(metrics.model(new TaskId("m31:2"), FINISHED)).isEqualTo("m31");
  }

  @Test
  void unfinishedTask_isOverdue_once_afterHalfAnHour_andThreeTimesTheUsualTime() {
    for (int i = 0; i < 2; i++) {
      metrics.unfinished(ID, "veo3", Duration.ofMinutes(30));
      assertThat(registry.find("gateway.tasks.overdue").counters()).isEmpty();
    }
    metrics.unfinished(ID, "veo3", Duration.ofMinutes(30).plusMillis(1));
    metrics.unfinished(ID, "veo3", Duration.ofMinutes(31));
    assertThat(overdue("veo3")).isEqualTo(1);

    forecast.took("slow", Duration.ofMinutes(20));
    metrics.unfinished(new TaskId("slow:1"), "slow", Duration.ofMinutes(60));
    assertThat(registry.find("gateway.tasks.overdue").tag("model", "slow").counters()).isEmpty();
    metrics.unfinished(new TaskId("slow:1"), "slow", Duration.ofMinutes(61));
    metrics.unfinished(new TaskId("slow:2"), "slow", Duration.ofMinutes(61));
    assertThat(overdue("slow")).isEqualTo(2);
  }

  /** A million characters of ids are kept. A task whose id was dropped is counted again. */
  @Test
  void overdueTasks_areNotAllRemembered() {
    String rest = "x".repeat(200);
    for (int i = 0; i < 12_000; i++) {
      metrics.unfinished(new TaskId((i % 6_000) + rest), "veo3", Duration.ofHours(1));
    }

    assertThat(overdue("veo3")).isBetween(6_001.0, 11_999.0);
  }

  private double overdue(String model) {
    return registry.get("gateway.tasks.overdue").tag("model", model).counter().count();
  }

  private double status(String status) {
    return registry.get("gateway.task.status").tag("status", status).counter().count();
  }

  private static Finished finished(@Nullable Instant created, @Nullable Instant completed) {
    return new Finished(body("x"), "completed", created, completed, null);
  }

  private CacheEntry entry(TaskReply reply) {
    return new CacheEntry(
        reply,
        "veo3",
        "default",
        History.first(NOW),
        time.nanoTime(),
        new Lifetime(Duration.ofSeconds(2), Duration.ofSeconds(122)));
  }
}
