package io.github.videoquery.edge;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands lines of a log to another appender on a thread of its own, and never blocks: lines that the
 * thread cannot keep up with are dropped and counted.
 */
final class DroppingAppender extends AsyncAppender {
  private static final int MAX_PENDING = 8192;

  /** With less room than this in the queue, lines are dropped: many threads may write at once. */
  private static final int RESERVE = 64;

  /** The longest time that stop() spends writing pending lines. */
  private static final int MAX_FLUSH_MILLIS = 5000;

  private final AtomicLong dropped;

  DroppingAppender(
      String name, LoggerContext context, Appender<ILoggingEvent> slow, AtomicLong dropped) {
    this.dropped = dropped;
    setContext(context);
    setName(name);
    setQueueSize(MAX_PENDING);
    setDiscardingThreshold(RESERVE);
    setNeverBlock(true);
    setMaxFlushTime(MAX_FLUSH_MILLIS);
    addAppender(slow);
  }

  @Override
  protected boolean isDiscardable(ILoggingEvent event) {
    dropped.incrementAndGet();
    return true;
  }
}
