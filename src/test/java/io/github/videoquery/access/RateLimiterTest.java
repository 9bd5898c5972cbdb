package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);

  @Test
  void refusedQuery_costsNothing() {
    RateLimiter limiter = limiter(0.1, 1);
    assertThat(asks(limiter)).isTrue();

    int answered = 0;
    for (int second = 0; second < 63; second++) {
      time.advance(Duration.ofSeconds(1));
      answered += asks(limiter) ? 1 : 0;
    }

    assertThat(answered).isEqualTo(6);
  }

  @Test
  void clientThatAsksTenTimesTooOften_stillGetsItsRate() {
    RateLimiter limiter = limiter(50, 100);
    int answered = 0;
    for (int i = 0; i < 500 * 20; i++) {
      time.advance(Duration.ofMillis(2));
      answered += asks(limiter) ? 1 : 0;
    }

    assertThat(answered).isBetween(50 * 20, 50 * 20 + 100);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 1", "0.5, 1", "5, 10", "50, 100"})
  void clientThatObeysRetryAfter_succeeds(double rate, int burst) {
    RateLimiter limiter = limiter(rate, burst);
    while (asks(limiter)) {}

    for (int i = 0; i < 20; i++) {
      Problem refusal = Objects.requireNonNull(refusal(limiter));
      time.advance(Duration.ofSeconds(Long.parseLong(header(refusal, "Retry-After"))));
      assertThat(asks(limiter)).as("after Retry-After").isTrue();
      while (asks(limiter)) {}
    }
  }

  @Test
  void queryRefusedForAnotherReason_costsNothing() {
    RateLimiter limiter = limiter(0.1, 1);
    for (int i = 0; i < 10; i++) {
      assertThat(asks(limiter)).isTrue();
      limiter.returnMisses(1);
    }
  }

  @Test
  void hits_costTheirPart() {
    RateLimiter limiter = limiter(1, 1);
    for (int i = 0; i < 10; i++) {
      limiter.takeHit();
    }

    assertThat(refusal(limiter)).isNotNull();
    time.advance(Duration.ofMillis(100));
    limiter.takeHit();
  }

  @Test
  void restOfAMiss_isTaken_ifThereIsAsMuchLeft() {
    RateLimiter limiter = limiter(1, 2);
    limiter.takeHit();
    assertThat(limiter.tryTakeRestOfMiss()).isTrue();
    limiter.takeHit();
    limiter.takeHit();
    assertThat(limiter.tryTakeRestOfMiss()).as("a hit was taken from it").isFalse();

    time.advance(Duration.ofMillis(100));
    assertThat(limiter.tryTakeRestOfMiss()).isTrue();
  }

  @Test
  void refusalOfMany_saysHowManyAreLeft() {
    RateLimiter limiter = limiter(1, 5);
    limiter.takeHit();
    limiter.takeRestOfMisses(2);
    limiter.takeHit();

    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> limiter.takeRestOfMisses(4));

    assertThat(header(refused.problem(), "RateLimit")).isEqualTo("\"client\";r=3;t=1");
    limiter.takeHit();
    limiter.takeRestOfMisses(3);
  }

  /** Where a hit costs as much as a miss, nothing is left to be taken. */
  @Test
  void hitsMayCostAsMuchAsMisses_orNothing() {
    RateLimiter dear = new RateLimiter("client", new Rate(1, 1), 1, "Too many.", time);
    dear.takeHit();
    dear.takeRestOfMisses(1);
    assertThat(dear.tryTakeRestOfMiss()).isTrue();

    RateLimiter free = new RateLimiter("client", new Rate(1, 1), 0, "Too many.", time);
    free.takeRestOfMisses(1);
    free.takeHit();
    assertThat(free.tryTakeRestOfMiss()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "fa-IR", "de-DE"})
  void fields_areWrittenInAscii_whateverTheLanguage(String language) {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(language));
    try {
      RateLimiter limiter = limiter(0.1, 1);
      assertThat(asks(limiter)).isTrue();

      Problem refusal = Objects.requireNonNull(refusal(limiter));

      assertThat(refusal.code()).isEqualTo(ProblemCode.RATE_LIMITED);
      assertThat(header(refusal, "RateLimit")).isEqualTo("\"client\";r=0;t=10");
      assertThat(header(refusal, "RateLimit-Policy")).isEqualTo("\"client\";q=1;w=10");
      assertThat(header(refusal, "Retry-After")).isEqualTo("10");
    } finally {
      Locale.setDefault(before);
    }
  }

  private RateLimiter limiter(double rate, int burst) {
    return new RateLimiter("client", new Rate(rate, burst), 0.1, "Too many.", time);
  }

  private static boolean asks(RateLimiter limiter) {
    return refusal(limiter) == null;
  }

  /** As each query is charged: first what a hit costs, then the rest of a miss. */
  private static @Nullable Problem refusal(RateLimiter limiter) {
    ProblemException refused =
        catchThrowableOfType(
            ProblemException.class,
            () -> {
              limiter.takeHit();
              limiter.takeRestOfMisses(1);
            });
    return refused == null ? null : refused.problem();
  }

  private static String header(Problem problem, String name) {
    HttpFields.Mutable fields = HttpFields.build().put("X-Request-Id", "r");
    problem.reply(ProblemRequest.unread("id")).fields().forEach(fields::put);
    return Objects.requireNonNull(fields.get(name));
  }
}
