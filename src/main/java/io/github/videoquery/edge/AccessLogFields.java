package io.github.videoquery.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * The fields of a line of the access log. Of a query string it holds the task's id alone, and of
 * the header fields none that can hold a credential.
 */
final class AccessLogFields {
  private static final int MAX_VALUE_LENGTH = 256;

  /** The trace's id (W3C Trace Context, section 3.2). */
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*");

  private AccessLogFields() {}

  static List<KeyValuePair> of(
      @Nullable Exchange exchange,
      Request request,
      Response response,
      @Nullable String method,
      @Nullable String path,
      long now) {
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
        TimeUnit.NANOSECONDS.toMicros(
                now - (exchange == null ? request.getBeginNanoTime() : exchange.start()))
            / 1000.0);
    add(fields, "bytes", Response.getContentBytesWritten(response));
    add(fields, "traceId", traceId(exchange, request));
    return fields;
  }

  private static void add(List<KeyValuePair> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.add(new KeyValuePair(name, value));
    }
  }

  /** The id of the task asked for: no other path has one, and no other parameter is logged. */
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

  static @Nullable String cut(@Nullable String value) {
    return value == null || value.length() <= MAX_VALUE_LENGTH
        ? value
        : value.substring(0, MAX_VALUE_LENGTH);
  }
}
