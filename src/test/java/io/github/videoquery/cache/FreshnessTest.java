package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class FreshnessTest {
  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");
  private static final TaskId ID = new TaskId("task_abc");
  private static final Body BODY = new Body(new byte[] {'{', '}'});

  private final Freshness retention = new Freshness(properties(null));

  @ParameterizedTest
  @CsvSource({
    "PT0S, PT12H, PT36H",
    "PT1H, PT11H, PT35H",
    "PT12H, PT60S, PT24H1M",
    "PT72H, PT60S, PT24H1M",
    "PT-1H, PT12H, PT36H",
  })
  void finished_isFresh_countedFromCompletion(Duration ago, Duration fresh, Duration usable) {
    TaskReply reply = finished(null, NOW.minus(ago), null);

    assertThat(lifetime(reply)).isEqualTo(new Lifetime(fresh, usable));
  }

  @Test
  void finished_isFreshFromNow_whenCompletionIsUnknownOrBeforeCreation() {
    Lifetime full = new Lifetime(Duration.ofHours(12), Duration.ofHours(36));

    assertThat(lifetime(finished(null, null, null))).isEqualTo(full);
    assertThat(lifetime(finished(NOW.minusSeconds(10), NOW.minusSeconds(20), null)))
        .isEqualTo(full);
    TaskId told = new TaskId("veo3:" + NOW.minusSeconds(10).getEpochSecond() + "-abcdefghij");
    assertThat(
            retention.of(
                finished(null, Instant.EPOCH.plusSeconds(1), null), told, History.first(NOW), NOW))
        .isEqualTo(full);
  }

  @ParameterizedTest
  @CsvSource({
    "PT1H, PT55M, PT1H",
    "PT20H, PT12H, PT20H",
    "PT72H, PT12H, PT36H",
    "PT5M, PT0S, PT5M",
    "PT2M, PT0S, PT2M",
  })
  void finished_neverOutlivesItsLink(Duration linkLife, Duration fresh, Duration usable) {
    Instant linkExpires = NOW.plus(linkLife);
    TaskReply reply = finished(null, NOW, linkExpires);

    assertThat(lifetime(reply)).isEqualTo(new Lifetime(fresh, usable, linkExpires));
  }

  /** It is passed on; that it is fresh for a minute spares a call for each query. */
  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1M", "PT-1000H"})
  void finishedWithADeadLink_isFresh_forAMinute(Duration linkLife) {
    TaskReply reply = finished(null, NOW, NOW.plus(linkLife));

    assertThat(lifetime(reply))
        .isEqualTo(new Lifetime(Duration.ofMinutes(1), Duration.ofMinutes(1)));
  }

  @Test
  void otherReplies_areKept_asTabled() {
    assertThat(lifetime(new Failed(BODY, "failed")))
        .isEqualTo(new Lifetime(Duration.ofSeconds(60), Duration.ofSeconds(660)));
    assertThat(lifetime(new Unfinished(BODY, "queued")))
        .isEqualTo(new Lifetime(Duration.ofSeconds(2), Duration.ofSeconds(122)));
    assertThat(lifetime(new NotFound()))
        .isEqualTo(new Lifetime(Duration.ofSeconds(2), Duration.ofSeconds(2)));
    assertThat(lifetime(new Refused(Refusal.ERROR, 500, null))).isEqualTo(Lifetime.NONE);
    assertThat(lifetime(new Unreachable(Trouble.TIMEOUT))).isEqualTo(Lifetime.NONE);
  }

  @Test
  void unfinished_isFreshForTheFixedTime_whenOneIsSet() {
    Freshness fixed = new Freshness(properties(Duration.ZERO));

    Lifetime lifetime = fixed.of(new Unfinished(BODY, "queued"), ID, History.first(NOW), NOW);

    assertThat(lifetime).isEqualTo(new Lifetime(Duration.ZERO, Duration.ofMinutes(2)));
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 2", "PT19.9S, 2", "PT20S, 5", "PT10M, 5", "PT10M0.001S, 10", "PT5H, 10"})
  void interval_followsTheTasksAge(Duration age, long seconds) {
    assertThat(Freshness.interval(age)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "PT30S, PT0S, PT30S",
    "PT30S, PT10S, PT30S",
    "PT9000H, PT10S, PT1H10S",
    "PT-9000H, PT10S, PT10S",
  })
  void age_isTheIds_withinAnHourOfFirstSight(
      Duration toldAge, Duration sinceFirstSeen, Duration age) {
    TaskId id = new TaskId("veo3:" + NOW.minus(toldAge).getEpochSecond() + "-abcdefghij");

    assertThat(Freshness.age(id, NOW.minus(sinceFirstSeen), NOW)).isEqualTo(age);
  }

  @Test
  void age_countsFromFirstSight_whenTheIdTellsNothing() {
    assertThat(Freshness.age(ID, NOW.minusSeconds(42), NOW)).isEqualTo(Duration.ofSeconds(42));
  }

  private Lifetime lifetime(TaskReply reply) {
    return retention.of(reply, ID, History.first(NOW), NOW);
  }

  private static Finished finished(
      @Nullable Instant createdAt, @Nullable Instant completedAt, @Nullable Instant linkExpiresAt) {
    return new Finished(BODY, "completed", createdAt, completedAt, linkExpiresAt);
  }

  private static CacheProperties properties(@Nullable Duration unfinishedTtl) {
    return new CacheProperties(
        DataSize.ofMegabytes(1),
        Duration.ofHours(12),
        unfinishedTtl,
        Duration.ofHours(24),
        new CacheProperties.Redis(false, ""));
  }
}
