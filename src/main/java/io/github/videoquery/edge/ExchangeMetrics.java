package io.github.videoquery.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerMapping;

/**
 * How long every exchange took: {@code http.server.requests} with Spring Boot's own tags, at a
 * fraction of an observation's cost. Keeps its timers: finding one costs more than a hit may.
 */
@Component
final class ExchangeMetrics {
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

  /**
   * @param defect what ended the exchange, if anything unforeseen did
   */
  void ended(HttpServletRequest request, int status, @Nullable Exception defect, long nanos) {
    String method = request.getMethod();
    String uri = pattern(request);
    var series =
        new Series(
            METHODS.contains(method) ? method : UNKNOWN,
            status,
            uri,
            defect == null ? NONE : defect.getClass().getSimpleName());
    timers.computeIfAbsent(series, this::timer).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** The pattern of the path, never the path: whoever answers before Spring MVC names it, too. */
  private static String pattern(HttpServletRequest request) {
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
