package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class CacheConfigurationTest {
  @Test
  void memory_takesHalfOfTheHeapAtMost() {
    long heap = DataSize.ofMegabytes(100).toBytes();

    assertThat(CacheConfiguration.fitting(DataSize.ofMegabytes(40), heap))
        .isEqualTo(DataSize.ofMegabytes(40).toBytes());
    assertThat(CacheConfiguration.fitting(DataSize.ofMegabytes(128), heap)).isEqualTo(heap / 2);
  }
}
