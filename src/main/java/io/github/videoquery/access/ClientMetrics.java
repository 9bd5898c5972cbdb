package io.github.videoquery.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts each client's requests by outcome. Its counters are kept in a map, because a look-up in
 * the registry is too slow for a cache hit.
 */
final class ClientMetrics {
  private static final int MAX_CLIENTS = 100;
  private static final String OTHER = "other";
  private static final String UNKNOWN = "unknown";

  private final MeterRegistry registry;
  private final Set<String> clients = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Series, Counter> counters = new ConcurrentHashMap<>();

  ClientMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Series(String client, String outcome) {}

  /**
   * @param caller null if nobody was admitted
   */
  void answered(@Nullable Client caller, int status) {
    String client = caller == null ? UNKNOWN : bounded(caller.name());
    counters.computeIfAbsent(new Series(client, outcome(status)), this::counter).increment();
  }

  private String bounded(String client) {
    boolean listed =
        clients.contains(client) || (clients.size() < MAX_CLIENTS && clients.add(client));
    return listed ? client : OTHER;
  }

  private static String outcome(int status) {
    return switch (status) {
      case 401 -> "unauthenticated";
      case 403 -> "forbidden";
      case 429 -> "rate_limited";
      default -> status < 400 ? "success" : status < 500 ? "client_error" : "server_error";
    };
  }

  private Counter counter(Series series) {
    return Counter.builder("gateway.client.requests")
        .description("Requests by client and by what came of them")
        .tags("client", series.client, "outcome", series.outcome)
        .register(registry);
  }
}
