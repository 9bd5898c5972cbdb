package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClientTest {
  private final FakeTime time = new FakeTime(Instant.parse("2026-02-06T12:00:00Z"));

  private Client client(int burst) {
    return new Client(
        "team-a", null, new RateLimiter("client", new Rate(1, burst), 0.1, "Too many.", time));
  }

  @Test
  void misses_areCharged_untilTheRateIsUsedUp() {
    Client client = client(3);
    client.chargeHit();
    client.chargeRestOfMisses(2);
    client.chargeHit();
    assertThat(client.tryChargeRestOfMiss()).isTrue();

    assertThatThrownBy(client::chargeHit).isInstanceOf(ProblemException.class);
    assertThat(client.tryChargeRestOfMiss()).isFalse();
  }

  @Test
  void refundedMisses_canBeChargedAgain() {
    Client client = client(2);
    client.chargeHit();
    client.chargeRestOfMisses(2);
    assertThatThrownBy(client::chargeHit).isInstanceOf(ProblemException.class);

    client.refundMisses(2);

    client.chargeHit();
    client.chargeRestOfMisses(2);
  }

  @Test
  void clientWithoutALimit_isNeverRefused() {
    Client client = new Client("team-a", null, null);
    for (int i = 0; i < 1000; i++) {
      client.chargeHit();
      client.chargeRestOfMisses(50);
      assertThat(client.tryChargeRestOfMiss()).isTrue();
    }
    client.refundMisses(1);
  }

  @Test
  void nobodyButAnyone_isAnyone() {
    assertThat(Client.ANYONE.isAnyone()).isTrue();
    assertThat(new Client("anyone", null, null).isAnyone()).isFalse();
  }

  /** On the monotonic clock, which began at another time than 1970. */
  @Test
  void client_isAdmitted_untilItsTokenExpires_orTheGivenTimeIfThatIsSooner() {
    time.advance(Duration.ofMinutes(1));
    long now = time.nanoTime();
    long inAMinute = now + Duration.ofMinutes(1).toNanos();

    assertThat(expiring(time.instant().plusSeconds(40)).expires(inAMinute, time))
        .isEqualTo(now + Duration.ofSeconds(40).toNanos());
    assertThat(expiring(time.instant().plusSeconds(80)).expires(inAMinute, time))
        .isEqualTo(inAMinute);
    assertThat(expiring(time.instant().minusSeconds(1)).expires(inAMinute, time)).isLessThan(now);
    assertThat(expiring(null).expires(inAMinute, time)).isEqualTo(inAMinute);
  }

  private static Client expiring(@Nullable Instant expires) {
    return new Client("team-a", null, null, null, expires);
  }
}
