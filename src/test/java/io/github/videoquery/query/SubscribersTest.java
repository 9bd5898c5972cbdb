package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.access.Client;
import io.github.videoquery.query.Subscribers.Permit;
import io.github.videoquery.support.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

class SubscribersTest {
  private static final Client CLIENT = new Client("team-a", null, null);

  private final Subscribers subscribers =
      new Subscribers(
          new WaitProperties(
              Duration.ofSeconds(45), Duration.ofSeconds(8), Duration.ofHours(1), 5, 5, 50),
          new SimpleMeterRegistry());

  /** Jetty's stop cuts connections that are idle, which streams are between their events. */
  @Test
  void stop_waitsUntilEachSubscriberWasTold() throws Exception {
    subscribers.start();
    Permit stream = subscribers.eventStreams(1, CLIENT);
    Permit wait = subscribers.longPoll(CLIENT);
    var stopping = new CompletableFuture<Thread>();
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
            () -> {
              stopping.complete(Thread.currentThread());
              subscribers.stop();
            });
    Thread waiting = stopping.get(10, TimeUnit.SECONDS);
    FakeTime.spinUntil(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    stream.close();
    assertThat(stopped).isNotDone();
    wait.close();

    stopped.get(10, TimeUnit.SECONDS);
    assertThat(subscribers.isRunning()).isFalse();
    assertThat(subscribers.getPhase())
        .as("before the server")
        .isGreaterThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
  }
}
