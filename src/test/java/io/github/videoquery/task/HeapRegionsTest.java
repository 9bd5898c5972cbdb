package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapRegionsTest {
  private static final int MB = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    "1000, 1, 1000",
    "524272, 1, 1048576", // half of a region with its header
    "524271, 1, 524271",
    "1048560, 1, 1048576",
    "1048561, 1, 2097152",
    "8178892, 1, 8388608",
    "1048561, 4, 1048561",
    "1048561, 0, 1048561",
  })
  void arrayOfHalfARegion_takesWholeOnes(long length, long regionMegabytes, long held) {
    assertThat(HeapRegions.held(length, regionMegabytes * MB)).isEqualTo(held);
  }
}
