package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ClientMetrics metrics = new ClientMetrics(registry);

  @ParameterizedTest
  @CsvSource({
    "200, success",
    "304, success",
    "399, success",
    "400, client_error",
    "401, unauthenticated",
    "403, forbidden",
    "404, client_error",
    "429, rate_limited",
    "499, client_error",
    "500, server_error",
    "503, server_error"
  })
  void request_isCounted_byWhatCameOfIt(int status, String outcome) {
    metrics.answered(client("a"), status);

    assertThat(count("a", outcome)).isEqualTo(1);
  }

  @Test
  void hundredClients_haveANameOfTheirOwn() {
    for (int i = 0; i < 120; i++) {
      metrics.answered(client("c" + i), 200);
    }
    metrics.answered(client("c99"), 200);
    metrics.answered(null, 401);

    assertThat(count("c0", "success")).isEqualTo(1);
    assertThat(count("c99", "success")).isEqualTo(2);
    assertThat(count("other", "success")).isEqualTo(20);
    assertThat(count("unknown", "unauthenticated")).isEqualTo(1);
  }

  private double count(String client, String outcome) {
    return registry
        .find("gateway.client.requests")
        .tags("client", client, "outcome", outcome)
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private static Client client(String name) {
    return new Client(name, null, null);
  }
}
