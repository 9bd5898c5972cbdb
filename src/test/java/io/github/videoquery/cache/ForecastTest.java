package io.github.videoquery.cache;

import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ForecastTest {
  private final FakeTime time = new FakeTime(NOW);
  private final Forecast forecast = new Forecast(time);

  @Test
  void end_isNotExpected_whereNoTaskOfTheModelEnded() {
    forecast.took("other", Duration.ofMinutes(2));

    assertThat(forecast.expectedAt(QUERY, entry())).isEmpty();
  }

  @Test
  void end_isExpected_afterTheMedian() {
    CacheEntry entry = entry();
    forecast.took("veo3", Duration.ofSeconds(100));
    assertThat(forecast.expectedAt(QUERY, entry)).contains(NOW.plusSeconds(100));
    forecast.took("veo3", Duration.ofSeconds(10));
    forecast.took("veo3", Duration.ofSeconds(1000));
    assertThat(forecast.expectedAt(QUERY, entry)).contains(NOW.plusSeconds(100));

    time.advance(Duration.ofSeconds(99));
    assertThat(forecast.expectedAt(QUERY, entry)).contains(NOW.plusSeconds(100));
    time.advance(Duration.ofSeconds(1));
    assertThat(forecast.expectedAt(QUERY, entry)).as("it takes longer").isEmpty();
  }

  @Test
  void last32_count() {
    CacheEntry entry = entry();
    for (int i = 0; i < 32; i++) {
      forecast.took("veo3", Duration.ofSeconds(10));
    }
    for (int i = 0; i < 16; i++) {
      forecast.took("veo3", Duration.ofSeconds(50));
    }
    assertThat(forecast.expectedAt(QUERY, entry)).contains(NOW.plusSeconds(50));
    for (int i = 0; i < 17; i++) {
      forecast.took("veo3", Duration.ofSeconds(70));
    }
    assertThat(forecast.expectedAt(QUERY, entry)).contains(NOW.plusSeconds(70));
  }

  private CacheEntry entry() {
    return new CacheEntry(
        UNFINISHED,
        "veo3",
        "default",
        History.first(NOW),
        time.nanoTime(),
        new Lifetime(Duration.ofSeconds(2), Duration.ofSeconds(122)));
  }
}
