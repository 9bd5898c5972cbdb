package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

class CachePropertiesTest {
  @ParameterizedTest
  @CsvSource({
    "1048575B, PT12H, PT5S, PT24H, max-size, Give at least 1MB",
    "-1MB, PT12H, PT5S, PT24H, max-size, Give at least 1MB",
    "128MB, -PT1S, PT5S, PT24H, finished-ttl, for example 12h.",
    "128MB, PT12H, -PT1S, PT24H, unfinished-ttl, or leave it unset for the schedule.",
    "128MB, PT12H, PT5S, -PT1S, stale-if-error, for example 24h.",
  })
  void settingThatIsNegative_orTooSmall_isRefused(
      DataSize size,
      Duration finished,
      Duration unfinished,
      Duration stale,
      String name,
      String say) {
    assertThatThrownBy(() -> properties(size, finished, unfinished, stale))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
        .hasMessageContaining("gateway.cache." + name)
        .hasMessageContaining(say);
  }

  @ParameterizedTest
  @CsvSource({"0B, PT0S, PT0S, PT0S", "1MB, PT12H,, PT24H"})
  void zero_andNoTimeForUnfinishedTasks_areAccepted(
      DataSize size, Duration finished, @Nullable Duration unfinished, Duration stale) {
    assertThatCode(() -> properties(size, finished, unfinished, stale)).doesNotThrowAnyException();
  }

  private static CacheProperties properties(
      DataSize size, Duration finished, @Nullable Duration unfinished, Duration stale) {
    return new CacheProperties(
        size, finished, unfinished, stale, new CacheProperties.Redis(false, ""));
  }
}
