package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ResponseTimesTest {
  private final AtomicLong nanos = new AtomicLong(-5); // as nanoTime may be
  private final ResponseTimes times = new ResponseTimes(nanos::get);

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
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private void assertBound(long millis) {
    assertThat(Duration.ofNanos(times.firstByteNanos()).toMillis()).isEqualTo(millis);
  }
}
