package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.time.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class CallDeadlinesTest {
  private final CallDeadlines deadlines = new CallDeadlines(TimeSource.SYSTEM);

  @Test
  void call_isCancelledAndTimesOut_whenItTakesTooLong() {
    var cancelled = new AtomicBoolean();

    StepVerifier.create(deadlines.within(1, Mono.never().doOnCancel(() -> cancelled.set(true))))
        .expectError(TimeoutException.class)
        .verify();

    assertThat(cancelled).isTrue();
  }

  @Test
  void call_timesOut_whenItsTimeIsOverBeforeItBegins() {
    StepVerifier.create(deadlines.within(-1, Mono.never()))
        .expectError(TimeoutException.class)
        .verify();
  }

  @Test
  void call_keepsItsOutcome_inTime() {
    TestPublisher<String> answer = TestPublisher.create();

    StepVerifier.create(deadlines.within(TimeUnit.MINUTES.toNanos(1), answer.mono()))
        .then(() -> answer.emit("answer"))
        .expectNext("answer")
        .verifyComplete();
  }
}
