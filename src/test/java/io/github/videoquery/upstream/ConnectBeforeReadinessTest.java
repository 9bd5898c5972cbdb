package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayFixture;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the gateway does at the provider before it is ready. */
class ConnectBeforeReadinessTest {
  private static GatewayFixture gateway(String scheme, ServerSocket provider) {
    return GatewayFixture.start(
        "gateway.upstream.base-url=" + scheme + "://127.0.0.1:" + provider.getLocalPort());
  }

  private static int readiness(GatewayFixture gateway) throws Exception {
    return gateway
        .send(
            "GET",
            URI.create(
                "http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/readiness"))
        .statusCode();
  }

  @Test
  void connection_isMade_andClosedWithoutAByte() throws Exception {
    try (var provider = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var read = new CompletableFuture<Integer>();
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket connection = provider.accept()) {
                  read.complete(connection.getInputStream().read());
                } catch (Exception e) {
                  read.completeExceptionally(e);
                }
              });
      try (GatewayFixture gateway = gateway("http", provider)) {
        assertThat(read.get(10, TimeUnit.SECONDS)).as("the end of the stream").isEqualTo(-1);
        assertThat(gateway.metric("gateway_upstream_requests_seconds_count")).isZero();
      }
    }
  }

  /** It accepts connections, and says nothing: TLS cannot be completed. */
  @Test
  void providerThatHangs_delaysReadinessBy2Seconds() throws Exception {
    try (var provider = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      long start = System.nanoTime();
      try (GatewayFixture gateway = gateway("https", provider)) {
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isGreaterThan(Duration.ofSeconds(2));
        assertThat(readiness(gateway)).isEqualTo(200);
      }
    }
  }
}
