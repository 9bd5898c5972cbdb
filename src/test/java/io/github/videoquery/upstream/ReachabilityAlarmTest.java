package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class ReachabilityAlarmTest {
  private static final String REFUSED = "A connection to a.example:443 cannot be made.";
  private static final String UNKNOWN = "No address was found for a.example.";

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final ReachabilityAlarm alarm =
      new ReachabilityAlarm(
          "a", new Unreached("a", URI.create("https://a.example/v1/video/query"), null), time);

  private void refused() {
    alarm.look(new Unreachable(Trouble.CONNECT), new ConnectException());
  }

  private void unknown() {
    alarm.look(new Unreachable(Trouble.DNS), new UnknownHostException());
  }

  private void answered() {
    alarm.look(new NotFound(), null);
  }

  private static long count(CapturedOutput log, String text) {
    return log.getAll().lines().filter(line -> line.contains(text)).count();
  }

  @Test
  void cause_isToldOnce_whileItLasts(CapturedOutput log) {
    for (int i = 0; i < 5; i++) {
      refused();
      time.advance(Duration.ofMinutes(1));
    }
    assertThat(count(log, "cannot be reached (account a). " + REFUSED)).isEqualTo(1);

    unknown();
    assertThat(count(log, UNKNOWN)).isEqualTo(1);
    refused();
    assertThat(count(log, REFUSED)).isEqualTo(2);
  }

  /** One address refuses, another does not exist. */
  @Test
  void causesInTurn_areToldOnceInTenSeconds(CapturedOutput log) {
    for (int i = 0; i < 50; i++) {
      refused();
      unknown();
    }

    assertThat(log.getAll().lines()).hasSize(2);
  }

  @Test
  void end_isToldOnce(CapturedOutput log) {
    answered();
    assertThat(log).doesNotContain("is reached again");

    refused();
    answered();
    answered();
    assertThat(count(log, "The provider is reached again (account a)")).isEqualTo(1);
  }

  /** One of two addresses is down. */
  @Test
  void causeThatComesAndGoes_isToldOnceInTenSeconds(CapturedOutput log) {
    for (int i = 0; i < 10; i++) {
      refused();
      answered();
      time.advance(Duration.ofMillis(999));
    }
    assertThat(count(log, REFUSED)).isEqualTo(1);
    assertThat(count(log, "is reached again")).isEqualTo(1);

    time.advance(Duration.ofSeconds(1));
    refused();
    assertThat(count(log, REFUSED)).isEqualTo(2);
  }

  /** The breaker speaks of these. */
  @Test
  void answersThatAreLate_areNotTold(CapturedOutput log) {
    for (int i = 0; i < 10; i++) {
      alarm.look(new Unreachable(Trouble.TIMEOUT), new ConnectException());
    }

    assertThat(log.getAll()).isEmpty();
  }

  @Test
  void brokenConnections_areTold_afterThreeInARow(CapturedOutput log) {
    for (int i = 0; i < 10; i++) {
      brokenOff();
      brokenOff();
      answered();
    }
    assertThat(log.getAll()).isEmpty();

    brokenOff();
    brokenOff();
    brokenOff();
    assertThat(count(log, "Connections to a.example:443 break before an answer")).isEqualTo(1);
  }

  private void brokenOff() {
    alarm.look(new Unreachable(Trouble.BROKEN), new ConnectException());
  }
}
