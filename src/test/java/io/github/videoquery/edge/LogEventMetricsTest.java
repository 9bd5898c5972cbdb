package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogEventMetricsTest {
  private static final Logger log = (Logger) LoggerFactory.getLogger(LogEventMetricsTest.class);

  @BeforeEach
  void logs() {
    log.setLevel(Level.INFO);
  }

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

  /** What {@link LoggerContext#reset} does, for this listener and appender only. */
  @Test
  void append_isCalledAgain_afterAReset() {
    MeterRegistry registry = new SimpleMeterRegistry();
    LoggerContext context = log.getLoggerContext();
    try (var metrics = new LogEventMetrics(registry)) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(metrics);
      metrics.stop();
      log.warn("not counted");
      context.getCopyOfListenerList().stream()
          .filter(listener -> listener == metrics && listener.isResetResistant())
          .forEach(listener -> listener.onReset(context));
      log.warn("counted");
    }

    assertThat(count(registry, "warn")).isEqualTo(1);
    assertThat(context.getCopyOfListenerList()).noneMatch(LogEventMetrics.class::isInstance);
  }

  private static double count(MeterRegistry registry, String level) {
    return registry.get("logback.events").tag("level", level).counter().count();
  }
}
