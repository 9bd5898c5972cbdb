package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
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
  private static final String REFUSED = "No connection to a.example:443 can be made.";
  private static final String UNKNOWN = "No address was found for a.example.";

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final ReachabilityAlarm alarm =
      new ReachabilityAlarm("a", URI.create("https://a.example/v1/video/query"), null, time);

  private void refused() {
    alarm.failed(new Unreachable(Trouble.CONNECT), new ConnectException());
  }

  private void unknown() {
    alarm.failed(new Unreachable(Trouble.DNS), new UnknownHostException());
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

  @Test
  void end_isToldOnce(CapturedOutput log) {
    alarm.reached();
    assertThat(log).doesNotContain("is reached again");

    refused();
    alarm.reached();
    alarm.reached();
    assertThat(count(log, "The provider is reached again (account a)")).isEqualTo(1);
  }

  /** One of two addresses is down. */
  @Test
  void causeThatComesAndGoes_isToldOnceAMinute(CapturedOutput log) {
    for (int i = 0; i < 60; i++) {
      refused();
      alarm.reached();
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
  void answersThatAreLate_orBreakOff_areNotTold(CapturedOutput log) {
    alarm.failed(new Unreachable(Trouble.TIMEOUT), new ConnectException());
    alarm.failed(new Unreachable(Trouble.BROKEN), new ConnectException());

    assertThat(log.getAll()).isEmpty();
  }
}
