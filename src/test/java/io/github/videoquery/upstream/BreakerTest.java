package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerTest {
  private static final TaskReply PAUSED = new Unreachable(Trouble.PAUSED);
  private static final TaskReply TIMEOUT = new Unreachable(Trouble.TIMEOUT);

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Breaker breaker = new Breaker("default", registry, time);

  static List<TaskReply> failures() {
    return List.of(
        TIMEOUT,
        new Unreachable(Trouble.CONNECT),
        new Refused(Refusal.ERROR, 500, null),
        new Refused(Refusal.OVERLOADED, 503, null),
        new Refused(Refusal.CUT, 200, null));
  }

  static List<TaskReply> answers() {
    return List.of(
        new NotFound(),
        new Refused(Refusal.ERROR, 400, null),
        new Refused(Refusal.ERROR, 499, null),
        new Refused(Refusal.CREDENTIALS, 401, null),
        new Refused(Refusal.RATE_LIMITED, 429, null),
        new Refused(Refusal.INVALID_RESPONSE, 200, null),
        new Unreachable(Trouble.SATURATED));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void breaker_opens_after20CallsOfWhichHalfFailed(TaskReply failure) {
    for (int i = 0; i < 10; i++) {
      breaker.guard(false, NotFound::new);
    }
    for (int i = 0; i < 9; i++) {
      breaker.guard(false, () -> failure);
    }
    assertThat(breaker.guard(false, NotFound::new))
        .as("19 of them failed not often enough")
        .isNotNull();
    assertThat(isOpen()).isFalse();
    breaker.guard(false, () -> failure);
    breaker.guard(false, () -> failure);

    assertThat(breaker.guard(false, NotFound::new)).isEqualTo(PAUSED);
    assertThat(isOpen()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("answers")
  void breaker_staysClosed_whenTheProviderAnswers(TaskReply answer) {
    for (int i = 0; i < 100; i++) {
      assertThat(breaker.guard(false, () -> answer)).isEqualTo(answer);
    }

    assertThat(isOpen()).isFalse();
  }

  @Test
  void ownSaturation_doesNotCount() {
    for (int i = 0; i < 100; i++) {
      breaker.guard(false, () -> new Unreachable(Trouble.SATURATED));
    }
    for (int i = 0; i < 19; i++) {
      breaker.guard(false, () -> TIMEOUT);
    }
    assertThat(isOpen()).as("19 calls are too few to tell").isFalse();
    breaker.guard(false, () -> TIMEOUT);
    assertThat(isOpen()).isTrue();
  }

  @Test
  void callFromBeforeTheOpening_doesNotCount_afterIt() {
    TaskReply late =
        breaker.guard(
            false,
            () -> {
              time.advance(Duration.ofSeconds(1));
              for (int i = 0; i < 20; i++) {
                breaker.guard(false, () -> TIMEOUT);
              }
              assertThat(isOpen()).isTrue();
              return new NotFound();
            });

    assertThat(late).isEqualTo(new NotFound());
    assertThat(isOpen()).isTrue();
  }

  @Test
  void fiveCallsTry_after5Seconds_andCloseItIfTheySucceed() {
    open();
    time.advance(Duration.ofSeconds(5));
    assertThat(breaker.guard(false, NotFound::new)).isEqualTo(PAUSED);
    time.advance(Duration.ofMillis(1));

    assertThat(breaker.guard(false, () -> allAtOnce(3))).isEqualTo(new NotFound());
    assertThat(isOpen()).isFalse();
  }

  @Test
  void clockThatIsSetBack_doesNotKeepItOpen() {
    open();
    time.jump(Duration.ofHours(-1));
    time.advance(Duration.ofMillis(5001));

    assertThat(breaker.guard(false, NotFound::new)).isEqualTo(new NotFound());
  }

  /** The trials under way, with a further one that is rejected. */
  private TaskReply allAtOnce(int more) {
    TaskReply reply = breaker.guard(false, () -> more == 0 ? new NotFound() : allAtOnce(more - 1));
    if (more == 0) {
      assertThat(breaker.guard(false, NotFound::new)).as("a sixth").isEqualTo(PAUSED);
    }
    return reply;
  }

  @Test
  void lateFailures_doNotCount_whileCallsTryAgain() {
    failLate(5);

    for (int i = 0; i < 4; i++) {
      assertThat(breaker.guard(false, NotFound::new)).isEqualTo(new NotFound());
    }
    assertThat(isOpen()).isFalse();
  }

  /** So many calls begin; the breaker opens, and one call tries again; then the others fail. */
  private void failLate(int calls) {
    breaker.guard(
        false,
        () -> {
          if (calls > 1) {
            failLate(calls - 1);
          } else {
            time.advance(Duration.ofSeconds(1));
            open();
            time.advance(Duration.ofMillis(5001));
            assertThat(breaker.guard(false, NotFound::new)).isEqualTo(new NotFound());
          }
          return TIMEOUT;
        });
  }

  private void open() {
    for (int i = 0; i < 20; i++) {
      breaker.guard(false, () -> TIMEOUT);
    }
    assertThat(isOpen()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void firstQueriesAndRefreshes_areCountedApart(boolean failing) {
    for (int i = 0; i < 40; i++) {
      breaker.guard(failing, () -> TIMEOUT);
    }

    assertThat(breaker.guard(failing, NotFound::new)).isEqualTo(PAUSED);
    assertThat(breaker.guard(!failing, NotFound::new)).isEqualTo(new NotFound());
    assertThat(isOpen()).isTrue();
  }

  @Test
  void defect_reachesTheCaller_andDoesNotCount() {
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(
              () ->
                  breaker.guard(
                      false,
                      () -> {
                        throw new IllegalStateException("defect");
                      }))
          .hasMessage("defect");
    }

    assertThat(isOpen()).isFalse();
  }

  private boolean isOpen() {
    return registry.get("gateway.upstream.breaker.open").gauge().value() == 1;
  }
}
