package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import io.github.videoquery.support.Sse;
import io.github.videoquery.time.TimeSource;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.support.DefaultLifecycleProcessor;

class DrainTest {
  private static final String READINESS =
      "GET /actuator/health/readiness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  private static final String QUERY = "GET /v1/video/query?id=drained HTTP/1.1\r\nHost: a\r\n\r\n";

  /** Load balancers notice by the failing readiness, and their connections close one by one. */
  @Test
  void stop_goesOn_whenTheDelayIsOver() throws Exception {
    var time = new FakeTime(Instant.EPOCH);
    var drain =
        new Drain(
            Duration.ofSeconds(5), Duration.ofSeconds(30), new DefaultLifecycleProcessor(), time);
    var over = new CountDownLatch(1);
    drain.stop(over::countDown);
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(5).minusNanos(1));
    time.awaitParked(1);
    assertThat(over.getCount()).isEqualTo(1);

    time.advance(Duration.ofNanos(1));

    assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stoppingGateway_servesRequests_untilTheDelayIsOver() throws Exception {
    try (var gateway = GatewayFixture.startInRealTime("gateway.server.drain-delay=4s")) {
      int port = gateway.port();
      int management = gateway.managementPort();
      gateway.provider.answer("drained", Behaviour.json("{\"status\":\"queued\"}"));
      try (Sse stream = Sse.open(gateway, "id=drained");
          var idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(stream.next()).isNotNull();
        assertThat(RawHttp.send(idle, QUERY).status()).isEqualTo(200);
        long start = System.nanoTime();
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway::close);
        Awaitility.await().until(() -> RawHttp.send(management, READINESS).status() == 503);
        RawHttp answer = RawHttp.send(port, QUERY);

        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(4));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).containsEntry("connection", "close");
        RawHttp onIdle = RawHttp.send(idle, QUERY);
        assertThat(onIdle.status()).as("it was idle when the stop began").isEqualTo(200);
        assertThat(onIdle.headers()).containsEntry("connection", "close");
        assertThat(stopped).isNotDone();
        String last = null;
        for (Sse.Event event = stream.next(); event != null; event = stream.next()) {
          last = event.name();
        }
        assertThat(last).isEqualTo("retry");
        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.SECONDS.toNanos(4));
        stopped.get(20, TimeUnit.SECONDS);
        assertThatThrownBy(() -> RawHttp.send(port, QUERY)).isInstanceOf(ConnectException.class);
      }
    }
  }

  @Test
  void answers_keepTheirConnections_whileTheGatewayRuns() throws Exception {
    var drain =
        new Drain(
            Duration.ZERO,
            Duration.ofSeconds(30),
            new DefaultLifecycleProcessor(),
            TimeSource.SYSTEM);
    var over = new CountDownLatch(1);
    drain.start();
    assertThat(drain.isUnderWay()).isFalse();
    drain.stop(over::countDown);
    assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(drain.isUnderWay()).isTrue();
    drain.start();
    assertThat(drain.isUnderWay()).as("started again").isFalse();
  }

  /** The default must not stop the start where the time of a stop was made short. */
  @ParameterizedTest
  @CsvSource({
    "PT5S, PT30S, PT25S",
    "PT5S, PT4S, PT2S",
    "PT0S, PT1S, PT1S",
    "PT6S, PT6S, ",
    "PT-1S, PT30S, "
  })
  void delay_isAPartOfTheTimeOfAStop(Duration delay, Duration stop, @Nullable Duration left) {
    var timeout = new AtomicLong();
    var phases =
        new DefaultLifecycleProcessor() {
          @Override
          public void setTimeoutForShutdownPhase(int phase, long millis) {
            timeout.set(millis);
          }
        };
    if (left != null) {
      assertThat(new Drain(delay, stop, phases, TimeSource.SYSTEM).isRunning()).isFalse();
      assertThat(timeout).hasValue(left.toMillis());
    } else {
      assertThatThrownBy(() -> new Drain(delay, stop, phases, TimeSource.SYSTEM))
          .isInstanceOf(InvalidConfigurationPropertyValueException.class);
    }
  }
}
