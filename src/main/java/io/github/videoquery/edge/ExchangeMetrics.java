package io.github.videoquery.edge;

import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.springframework.stereotype.Component;

/**
 * How long every exchange took: {@code http.server.requests} with Spring Boot's own tags, but much
 * cheaper than an observation. Its timers are kept in a map, because a look-up in the registry is
 * too slow for a cache hit.
 */
@Component
public final class ExchangeMetrics {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");
  private static final String UNKNOWN = "UNKNOWN";
  private static final String NONE = "none";

  private final MeterRegistry registry;
  private final TimeSource time;
  private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();

  ExchangeMetrics(MeterRegistry registry, TimeSource time) {
    this.time = time;
    this.registry = registry;
  }

  private record Series(String method, int status, String uri, String exception) {}

  void ended(Exchange exchange, Request request, int status) {
    String method = request.getMethod();
    Throwable defect = exchange.defect();
    var series =
        new Series(
            METHODS.contains(method) ? method : UNKNOWN,
            status,
            Objects.requireNonNullElse(exchange.route(request), UNKNOWN),
            defect == null ? NONE : defect.getClass().getSimpleName());
    timers
        .computeIfAbsent(series, this::timer)
        .record(time.nanoTime() - exchange.start(), TimeUnit.NANOSECONDS);
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
