package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.support.FakeTime;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final FailedAttempts attempts = new FailedAttempts(time);

  @Test
  void hundredAtOnce_andTenASecond_areToldTheRefusal() throws Exception {
    assertThat(refusals("198.51.100.1", 150)).isEqualTo(100);
    time.advance(Duration.ofSeconds(1));
    assertThat(refusals("198.51.100.1", 50)).isEqualTo(10);
  }

  @Test
  void otherAddress_isUntouched() throws Exception {
    refusals("198.51.100.1", 150);

    assertThat(refusals("198.51.100.2", 1)).isEqualTo(1);
  }

  /** A client with an IPv6 address usually has a whole /64 network. */
  @Test
  void networkOf64Bits_countsAsOne() throws Exception {
    refusals("2001:db8:1:2::1", 150);

    assertThat(refusals("2001:db8:1:2:ffff:ffff:ffff:ffff", 1)).isZero();
    assertThat(refusals("2001:db8:1:3::1", 1)).isEqualTo(1);
  }

  @Test
  void address_isForgotten_afterAMinute() throws Exception {
    refusals("198.51.100.1", 150);
    time.advance(Duration.ofSeconds(61));

    assertThat(refusals("198.51.100.1", 150)).isEqualTo(100);
  }

  /** It may be an attacker's, or of a key that the issuer has just published. */
  @Test
  void tokenOfAKeyThatIsNotKnownYet_takesFromTheAllowance() throws Exception {
    InetAddress from = InetAddress.getByName("198.51.100.1");
    for (int i = 0; i < 100; i++) {
      assertThat(attempts.count(from, TokenVerifier.NOT_YET_KNOWN))
          .isSameAs(TokenVerifier.NOT_YET_KNOWN);
    }

    assertThat(attempts.count(from, TokenVerifier.NOT_YET_KNOWN).code())
        .isEqualTo(ProblemCode.RATE_LIMITED);
    assertThat(refusals("198.51.100.1", 1)).as("the same allowance").isZero();
  }

  @Test
  void otherRefusals_takeNothing() throws Exception {
    Problem unavailable = Problem.of(ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE);
    for (int i = 0; i < 200; i++) {
      assertThat(attempts.count(InetAddress.getByName("198.51.100.1"), unavailable))
          .isSameAs(unavailable);
    }
  }

  private int refusals(String address, int count) throws Exception {
    InetAddress from = InetAddress.getByName(address);
    int told = 0;
    for (int i = 0; i < count; i++) {
      Problem answer = attempts.count(from, Challenge.UNAUTHENTICATED);
      told += answer.code() == ProblemCode.UNAUTHENTICATED ? 1 : 0;
    }
    return told;
  }
}
