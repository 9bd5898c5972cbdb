package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogEventMetricsTest {
  private static final Logger log = LoggerFactory.getLogger(LogEventMetricsTest.class);

  @Test
  void append_linesOfEachLevel_areCountedUntilClosed() {
    MeterRegistry registry = new SimpleMeterRegistry();
    try (var _ = new LogEventMetrics(registry)) {
      log.warn("counted");
      log.warn("counted, too");
      log.trace("not logged");
    }
    log.warn("not counted any more");

    assertThat(count(registry, "warn")).isEqualTo(2);
    assertThat(count(registry, "trace")).isZero();
  }

  private static double count(MeterRegistry registry, String level) {
    return registry.get("logback.events").tag("level", level).counter().count();
  }
}
