package io.github.videoquery.edge;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Counts lines of the log by their level, under the name that Micrometer's own {@code
 * LogbackMetrics} has: that one is a turbo filter, called at each check of a log level, dozens of
 * times per request. A logger that does not pass its lines on to the root's appenders is not
 * counted.
 */
@Component
final class LogEventMetrics extends UnsynchronizedAppenderBase<ILoggingEvent>
    implements LoggerContextListener, AutoCloseable {
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Map<Level, Counter> events;

  LogEventMetrics(MeterRegistry registry) {
    events =
        Stream.of(Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE)
            .collect(Collectors.toMap(Function.identity(), level -> counter(registry, level)));
    FunctionCounter.builder("gateway.log.dropped", NonBlockingConsole.DROPPED, AtomicLong::get)
        .description("Log lines dropped because standard output was blocked")
        .register(registry);
    setContext(root.getLoggerContext());
    root.getLoggerContext().addListener(this);
    onReset(root.getLoggerContext());
  }

  private static Counter counter(MeterRegistry registry, Level level) {
    return Counter.builder("logback.events")
        .description("Lines of the log")
        .baseUnit("events")
        .tag("level", level.toString().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  @Override
  protected void append(ILoggingEvent event) {
    Counter counter = events.get(event.getLevel());
    if (counter != null) {
      counter.increment();
    }
  }

  /** Reloading the log configuration removes its appenders, so this one is added again. */
  @Override
  public void onReset(LoggerContext log) {
    start();
    root.addAppender(this);
  }

  @Override
  public boolean isResetResistant() {
    return true;
  }

  @Override
  public void onStart(LoggerContext log) {}

  @Override
  public void onStop(LoggerContext log) {}

  @Override
  public void onLevelChange(Logger logger, Level level) {}

  @Override
  public void close() {
    root.getLoggerContext().removeListener(this);
    root.detachAppender(this);
    stop();
  }
}
