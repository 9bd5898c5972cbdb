package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.BodyMemory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlightTest {
  private static final long PERMITTED = TimeUnit.DAYS.toNanos(3);
  private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(50);

  private final Flight flight = new Flight(new BodyMemory(1).holder());

  @Test
  void flightWithoutAPermit_isNotHeldUp_andIsAskedEach10Milliseconds() {
    assertThat(flight.isHeldUp(PERMITTED)).isFalse();
    assertThat(flight.unaskedNanos(PERMITTED)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
  }

  @Test
  void sharedCache_holdsItUp_after50Milliseconds() {
    flight.permitted(PERMITTED);

    assertThat(flight.unaskedNanos(PERMITTED + 1)).isEqualTo(LONGEST - 1);
    assertThat(flight.isHeldUp(PERMITTED + LONGEST - 1)).isFalse();
    assertThat(flight.isHeldUp(PERMITTED + LONGEST)).isTrue();
  }

  @Test
  void flightBeyondTheSharedCache_isNotHeldUp() {
    flight.permitted(PERMITTED);
    flight.passedSharedCache();

    assertThat(flight.unaskedNanos(PERMITTED)).isEqualTo(Long.MAX_VALUE);
    assertThat(flight.isHeldUp(PERMITTED + LONGEST)).isFalse();
  }
}
