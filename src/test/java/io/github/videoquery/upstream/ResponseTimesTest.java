package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResponseTimesTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final ResponseTimes times = new ResponseTimes(time);

  @Test
  void bound_isTwoSeconds_atLeast() {
    assertBound(2_000);
    answered(999);
    assertBound(2_000);
  }

  @Test
  void bound_isTwiceTheSlowestOfLate() {
    answered(1_500);
    answered(20);
    assertBound(3_000);

    pass(29);
    answered(4_000);
    pass(30);
    assertBound(8_000);
  }

  @Test
  void bound_forgets() {
    answered(4_000);
    pass(31);
    answered(30);
    assertBound(8_000);
    pass(30);
    assertBound(2_000);

    answered(4_000);
    pass(3_600);
    assertBound(2_000);
  }

  private void answered(long millis) {
    times.firstByte(Duration.ofMillis(millis).toNanos());
  }

  private void pass(long seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  private void assertBound(long millis) {
    assertThat(Duration.ofNanos(times.firstByteNanos()).toMillis()).isEqualTo(millis);
  }
}
