package io.github.videoquery.edge;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.github.videoquery.problem.RequestId;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * A line of JSON on standard output for each request that Jetty answered, its own refusals
 * included. A separate thread writes it; lines that do not fit in its queue are dropped and
 * counted. Of a query string it holds the task's id alone, and of the header fields none that can
 * hold a credential.
 */
@Component
@EnableConfigurationProperties(AccessLogProperties.class)
public final class AccessLog implements RequestLog, AutoCloseable {
  private final @Nullable AsyncAppender lines;
  private final Logger logger;
  private final TimeSource time;

  AccessLog(
      AccessLogProperties properties,
      Environment environment,
      MeterRegistry registry,
      TimeSource time) {
    this.time = time;
    this.logger = (Logger) LoggerFactory.getLogger("access");
    this.lines = properties.enabled() ? start(environment, registry) : null;
  }

  private AsyncAppender start(Environment environment, MeterRegistry registry) {
    LoggerContext context = logger.getLoggerContext();
    var encoder = new StructuredLogEncoder();
    encoder.setContext(context);
    encoder.setFormat(environment.getProperty("logging.structured.format.console", "ecs"));
    encoder.start();
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
    var dropped = new AtomicLong();
    FunctionCounter.builder("gateway.access.log.dropped", dropped, AtomicLong::get)
        .description("Access log lines dropped because the queue was full")
        .register(registry);
    var queue = new DroppingAppender("access", context, console, dropped);
    queue.start();
    return queue;
  }

  /** Whether there is anything to do for {@link #log}. */
  public boolean isEnabled() {
    return lines != null;
  }

  @Override
  public void log(Request request, Response response) {
    if (lines == null) {
      return;
    }
    String method = AccessLogFields.cut(request.getMethod());
    String path = AccessLogFields.cut(request.getHttpURI().getPath());
    var event =
        new LoggingEvent(
            AccessLog.class.getName(),
            logger,
            Level.INFO,
            method + " " + path + " " + response.getStatus(),
            null,
            null);
    String requestId = response.getHeaders().get(RequestId.HEADER);
    event.setMDCPropertyMap(requestId == null ? Map.of() : Map.of(EdgeHandler.MDC_KEY, requestId));
    Exchange exchange =
        request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange known ? known : null;
    event.setKeyValuePairs(
        AccessLogFields.of(exchange, request, response, method, path, time.nanoTime()));
    lines.doAppend(event);
  }

  /** Writes what is pending. */
  @Override
  public void close() {
    if (lines != null) {
      lines.stop();
    }
  }
}
