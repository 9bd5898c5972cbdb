package io.github.videoquery.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.unit.DataSize;

class RequiredUnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "60s, PT1M",
    "PT6S, PT6S",
    "1500ms, PT1.5S",
    "${time}, PT7S",
    "-1s, PT-1S"
  })
  void time_isRead_withItsUnit(String value, Duration time) {
    assertThat(bind("gateway.wait.max", value, Duration.class)).isEqualTo(time);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "64MB, 67108864", "1B, 1"})
  void size_isRead_withItsUnit(String value, long bytes) {
    assertThat(bind("gateway.cache.max-size", value, DataSize.class))
        .isEqualTo(DataSize.ofBytes(bytes));
  }

  @ParameterizedTest
  @CsvSource({"60, 60s", "-1, -1s", "${number}, 60s"})
  void timeWithoutAUnit_isRefused(String value, String example) {
    assertThatThrownBy(() -> bind("gateway.wait.max", value, Duration.class))
        .rootCause()
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            refusal -> {
              assertThat(refusal.getName()).isEqualTo("gateway.wait.max");
              assertThat(refusal.getReason())
                  .isEqualTo("Give it with its unit, for example " + example + ".");
            });
  }

  @ParameterizedTest
  @CsvSource({"1min", "1.5s", "' 60'", "soon", "1m30s"})
  void timeThatCannotBeRead_isRefused_withItsForm(String value) {
    assertThatThrownBy(() -> bind("gateway.wait.max", value, Duration.class))
        .rootCause()
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            refusal -> assertThat(refusal.getReason()).contains("500ms, 30s, 5m or 12h"));
  }

  @ParameterizedTest
  @CsvSource("128, 128MB")
  void sizeWithoutAUnit_isRefused(String value, String example) {
    assertThatThrownBy(() -> bind("gateway.cache.max-size", value, DataSize.class))
        .rootCause()
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            refusal -> assertThat(refusal.getReason()).contains(example));
  }

  @ParameterizedTest
  @CsvSource({"spring.data.redis.timeout, 100", "gatewayx.wait, 60"})
  void settingsOfOthers_areReadAsSpringDoes(String name, String value) {
    assertThat(bind(name, value, Duration.class))
        .isEqualTo(Duration.ofMillis(Long.parseLong(value)));
  }

  private static <T> T bind(String name, String value, Class<T> type) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("file", Map.of(name, value, "time", "7s", "number", "60")));
    return Binder.get(environment)
        .bind(name, Bindable.of(type), new RequiredUnits(BindHandler.DEFAULT, environment))
        .get();
  }
}
