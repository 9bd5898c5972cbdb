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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * A line of JSON on standard output for each request that Jetty answered, its own refusals
 * included. Written by a thread of its own; what that cannot keep up with is dropped and counted.
 * Of a query string it holds the task's id alone, and of the header fields none that can hold a
 * credential.
 */
@Component
@EnableConfigurationProperties(AccessLogProperties.class)
public final class AccessLog implements RequestLog, AutoCloseable {
  private static final int MAX_VALUE_LENGTH = 256;

  /** The trace's id (W3C Trace Context, section 3.2). */
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*");

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
        .description("Lines of the access log that there was no time to write")
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
    String method = cut(request.getMethod());
    String path = cut(request.getHttpURI().getPath());
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
    event.setKeyValuePairs(fields(exchange, request, response, method, path));
    lines.doAppend(event);
  }

  private List<KeyValuePair> fields(
      @Nullable Exchange exchange,
      Request request,
      Response response,
      @Nullable String method,
      @Nullable String path) {
    List<KeyValuePair> fields = new ArrayList<>();
    add(fields, "client", exchange == null ? null : exchange.client());
    add(fields, "method", method);
    add(fields, "path", path);
    add(fields, "id", taskId(exchange, request));
    add(fields, "status", response.getStatus());
    add(fields, "cache", response.getHeaders().get("Cache-Status"));
    add(
        fields,
        "durationMs",
        TimeUnit.NANOSECONDS.toMicros(time.nanoTime() - request.getBeginNanoTime()) / 1000.0);
    add(fields, "bytes", Response.getContentBytesWritten(response));
    add(fields, "traceId", traceId(exchange, request));
    return fields;
  }

  private static void add(List<KeyValuePair> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.add(new KeyValuePair(name, value));
    }
  }

  /** The id of the task asked for: no other path has one, and no other parameter is told. */
  private static @Nullable String taskId(@Nullable Exchange exchange, Request request) {
    if (exchange == null
        || exchange.route(request) == null
        || request.getHttpURI().getQuery() == null) {
      return null;
    }
    try {
      return cut(Request.extractQueryParameters(request).getValue("id"));
    } catch (RuntimeException malformed) {
      return null;
    }
  }

  private static @Nullable String traceId(@Nullable Exchange exchange, Request request) {
    String traceId = exchange == null ? null : Traces.id(exchange);
    String traceparent = request.getHeaders().get("traceparent");
    if (traceId != null || traceparent == null) {
      return traceId;
    }
    Matcher trace = TRACEPARENT.matcher(traceparent);
    return trace.matches() ? trace.group(1) : null;
  }

  private static @Nullable String cut(@Nullable String value) {
    return value == null || value.length() <= MAX_VALUE_LENGTH
        ? value
        : value.substring(0, MAX_VALUE_LENGTH);
  }

  /** Writes what is pending. */
  @Override
  public void close() {
    if (lines != null) {
      lines.stop();
    }
  }
}
