package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AddressAlarmTest {
  private static final TaskReply NO_PATH = new Refused(Refusal.INVALID_RESPONSE, 404, null);
  private static final TaskReply KNOWN = new Failed(new Body(new byte[0]), "failed");

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final AddressAlarm alarm =
      new AddressAlarm("default", URI.create("https://host.example/v1/video/query"), time);

  private static long warnings(CapturedOutput log) {
    return log.getAll().lines().filter(line -> line.contains("knows no path")).count();
  }

  @Test
  void unknownPath_isWarnedOfOnce_whileItLasts(CapturedOutput log) {
    for (int i = 0; i < 3; i++) {
      alarm.look(NO_PATH, null);
      time.advance(Duration.ofHours(1));
    }

    assertThat(warnings(log)).isEqualTo(1);
    assertThat(log).contains("https://host.example knows no path /v1/video/query");
  }

  /** A host that answers so for one task among others. */
  @Test
  void unknownPathOfOneTask_isWarnedOf_onceInTenMinutes(CapturedOutput log) {
    for (int i = 0; i < 100; i++) {
      alarm.look(NO_PATH, null);
      alarm.look(KNOWN, null);
    }
    assertThat(warnings(log)).isEqualTo(1);

    time.advance(Duration.ofMinutes(10));
    alarm.look(NO_PATH, null);
    assertThat(warnings(log)).isEqualTo(2);
  }

  @Test
  void redirect_isWarnedOf_withItsTarget(CapturedOutput log) {
    alarm.look(new Refused(Refusal.REDIRECT, 302, null), "https://other.example/login?token=x");

    assertThat(log)
        .contains("redirects from https://host.example/v1/video/query to https://other.example;")
        .doesNotContain("token");
  }
}
