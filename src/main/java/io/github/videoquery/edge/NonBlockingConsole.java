package io.github.videoquery.edge;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Puts a {@link DroppingAppender} before each of the root logger's console appenders, as soon as
 * Spring Boot has set up the log. Standard output is a pipe to a log collector; if the collector
 * hangs, it would block each request that logs a line, and the shutdown of the process.
 */
public final class NonBlockingConsole
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  /** Lines dropped by this process. */
  static final AtomicLong DROPPED = new AtomicLong();

  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER + 1;
  }

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
      for (ConsoleAppender<ILoggingEvent> console : consoles(root)) {
        root.detachAppender(console);
        var queue = new DroppingAppender(console.getName(), context, console, DROPPED);
        queue.start();
        root.addAppender(queue);
      }
    }
  }

  private static List<ConsoleAppender<ILoggingEvent>> consoles(Logger root) {
    Spliterator<Appender<ILoggingEvent>> appenders =
        Spliterators.spliteratorUnknownSize(root.iteratorForAppenders(), Spliterator.ORDERED);
    return StreamSupport.stream(appenders, false)
        .filter(ConsoleAppender.class::isInstance)
        .map(appender -> (ConsoleAppender<ILoggingEvent>) appender)
        .toList();
  }
}
