package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final Key key = new Key(new ApiKey("sk-secret"), "default", 1, time);

  @Test
  void rejectedKey_restsForAMinute_andIsHealthyOnceAccepted() {
    long rejected = time.nanoTime();
    key.rejected("credentials");

    assertThat(key.rests(rejected)).isTrue();
    assertThat(key.rests(rejected + Duration.ofSeconds(59).toNanos())).isTrue();
    assertThat(key.rests(rejected + Duration.ofSeconds(60).toNanos())).isFalse();
    assertThat(key.isHealthy()).isFalse();
    key.accepted();
    assertThat(key.isHealthy()).isTrue();
    assertThat(key.rests(time.nanoTime())).isFalse();
  }

  @Test
  void key_printsAsStars() {
    assertThat(new ApiKey("sk-secret")).hasToString("***");
  }

  @ParameterizedTest
  @CsvSource({
    "7, PT7S",
    "' 7 ', PT7S",
    "0, PT0S",
    "'Sun, 22 Nov 2026 19:00:10 GMT', PT10S",
    "'Sun, 22 Nov 2026 18:00:00 GMT', PT0S",
    "soon,",
    "-5,",
    "99999999999999999999,",
    "'',",
  })
  void retryAfter_isReadAsSecondsOrDate(String value, Duration expected) {
    assertThat(ProviderAnswer.retryAfter(List.of(value), Instant.parse("2026-11-22T19:00:00Z")))
        .isEqualTo(expected);
  }
}
