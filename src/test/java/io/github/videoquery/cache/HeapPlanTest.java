package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class HeapPlanTest {
  @ParameterizedTest
  @CsvSource({
    "1000, 128, 8, 128, 730",
    "170, 128, 8, 85, 26", // half of the heap
    "100, 128, 8, 32, 16", // two of the largest bodies
    "170, 128, 50, 11, 100",
    "170, 0, 8, 0, 111",
    "140, 128, 42, 0, 84", // two of the largest bodies, and nothing else
  })
  void heap_isDivided(long heap, long maxCache, long largestBody, long cache, long bodies) {
    assertThat(HeapPlan.of(mb(heap), mb(maxCache), mb(largestBody)))
        .isEqualTo(new HeapPlan(mb(cache), mb(bodies)));
  }

  @ParameterizedTest
  @CsvSource({"86, true", "85, false"})
  void loweredCache_isLogged(long maxCache, boolean isLogged, CapturedOutput output) {
    HeapPlan.of(mb(170), mb(maxCache), mb(8));

    assertThat(output.getAll().contains("lowered")).isEqualTo(isLogged);
    assertThat(output.getAll().contains("from 86 MB to 85 MB, as the heap has 170 MB"))
        .isEqualTo(isLogged);
  }

  @Test
  void heapWithoutRoomForABody_isRefused() {
    assertThatThrownBy(() -> HeapPlan.of(mb(60), mb(128), mb(8)))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
        .hasMessageContaining("gateway.upstream.max-body-size")
        .hasMessageContaining("The heap of 60 MB is too small")
        .hasMessageContaining("at least 65 MB");
  }

  private static long mb(long megabytes) {
    return megabytes << 20;
  }
}
