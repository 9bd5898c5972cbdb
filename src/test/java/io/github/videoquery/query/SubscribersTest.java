package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.access.Client;
import io.github.videoquery.problem.ProblemException;
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

  @Test
  void client_hasAShare_thatRefusedRequestsDoNotReduce() {
    var few =
        new Subscribers(
            new WaitProperties(
                Duration.ofSeconds(45), Duration.ofSeconds(8), Duration.ofHours(1), 5, 3, 50),
            new SimpleMeterRegistry());
    Permit two = few.eventStreams(2, CLIENT);
    Permit one = few.longPoll(CLIENT);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> few.longPoll(CLIENT)).isInstanceOf(ProblemException.class);
    }
    two.close();
    Permit again = few.eventStreams(2, CLIENT);
    assertThatThrownBy(() -> few.longPoll(CLIENT)).isInstanceOf(ProblemException.class);

    var another = new Client("team-b", null, null);
    assertThatThrownBy(() -> few.eventStreams(3, another)) // 5 in all
        .isInstanceOf(ProblemException.class);
    few.eventStreams(2, another).close();
    again.close();
    one.close();
    few.eventStreams(3, another).close();
    few.eventStreams(3, CLIENT).close();
  }

  @Test
  void stop_givesThePermitsBack_andKeepsAnInterruption() {
    subscribers.start();
    assertThat(subscribers.isRunning()).isTrue();
    subscribers.stop();
    Permit all = subscribers.eventStreams(5, CLIENT);

    Thread.currentThread().interrupt();
    subscribers.stop();
    assertThat(Thread.interrupted()).isTrue();
    all.close();
  }

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
