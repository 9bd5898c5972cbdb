package io.github.videoquery.edge;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A span for each exchange, in the trace its caller names (W3C Trace Context), with the attributes
 * of OpenTelemetry's HTTP conventions but the query, as a task's id is a capability. Does nothing
 * where tracing is off.
 */
@Component
public final class Traces {
  public static final Traces OFF = new Traces(null);

  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");

  private final boolean enabled;
  private final Tracer tracer;
  private final TextMapPropagator propagator;

  Traces(@Nullable OpenTelemetry openTelemetry) {
    this.enabled = openTelemetry != null;
    OpenTelemetry used = openTelemetry == null ? OpenTelemetry.noop() : openTelemetry;
    this.tracer = used.getTracer("video-query-gateway");
    this.propagator = used.getPropagators().getTextMapPropagator();
  }

  void begin(Request request, Exchange exchange) {
    if (!enabled) {
      return;
    }
    Context caller = propagator.extract(Context.root(), request.getHeaders(), new Fields());
    Span span =
        tracer
            .spanBuilder(request.getMethod())
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .setAttribute(METHOD, request.getMethod())
            .setAttribute(PATH, request.getHttpURI().getPath())
            .startSpan();
    exchange.trace(caller.with(span));
  }

  void end(Exchange exchange, Request request, int status) {
    if (!enabled) {
      return;
    }
    Span span = Span.fromContext(exchange.trace());
    String route = exchange.route(request);
    if (route != null) {
      span.setAttribute(ROUTE, route).updateName(request.getMethod() + " " + route);
    }
    span.setAttribute(STATUS, (long) status);
    if (status >= 500) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  /** The exchange's trace as 32 hexadecimal digits, or null where tracing is off. */
  static @Nullable String id(Exchange exchange) {
    SpanContext span = Span.fromContext(exchange.trace()).getSpanContext();
    return span.isValid() ? span.getTraceId() : null;
  }

  private static final class Fields implements TextMapGetter<HttpFields> {
    @Override
    public Iterable<String> keys(HttpFields fields) {
      return fields.getFieldNamesCollection();
    }

    @Override
    public @Nullable String get(@Nullable HttpFields fields, String name) {
      return fields == null ? null : fields.get(name);
    }
  }
}
