package io.github.videoquery.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerMapping;

/**
 * How long every exchange took: {@code http.server.requests} with Spring Boot's own tags, at a
 * fraction of an observation's cost. Keeps its timers: finding one costs more than a hit may.
 */
@Component
public final class ExchangeMetrics {
  /** The request attribute that holds what ended the exchange, if anything unforeseen did. */
  static final String DEFECT = ExchangeMetrics.class.getName();

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");
  private static final String UNKNOWN = "UNKNOWN";
  private static final String NONE = "none";

  private final MeterRegistry registry;
  private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();

  ExchangeMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Series(String method, int status, String uri, String exception) {}

  void ended(Request request, int status) {
    String method = request.getMethod();
    Object defect = request.getAttribute(DEFECT);
    var series =
        new Series(
            METHODS.contains(method) ? method : UNKNOWN,
            status,
            pattern(request),
            defect == null ? NONE : defect.getClass().getSimpleName());
    timers
        .computeIfAbsent(series, this::timer)
        .record(System.nanoTime() - request.getBeginNanoTime(), TimeUnit.NANOSECONDS);
  }

  /** The pattern of the path, never the path: whoever answers before Spring MVC names it, too. */
  private static String pattern(Request request) {
    return request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
            instanceof String pattern
        ? pattern
        : UNKNOWN;
  }

  private Timer timer(Series series) {
    return Timer.builder("http.server.requests")
        .tags(
            "error", series.exception,
            "exception", series.exception,
            "method", series.method,
            "outcome", Outcome.forStatus(series.status).name(),
            "status", Integer.toString(series.status),
            "uri", series.uri)
        .register(registry);
  }
}
