package io.github.videoquery.upstream;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops asking a provider that keeps failing: after at least 20 calls within 30 s of which half
 * timed out, broke or were answered 5xx. Five seconds later a few calls try again. Any other
 * answer, a refusal included, does not count as a failure.
 *
 * <p>First queries and refreshes of known tasks are counted apart, so that a provider that hangs
 * for known tasks does not keep new ones from their first answer.
 */
final class Breaker {
  private static final Logger log = LoggerFactory.getLogger(Breaker.class);
  private static final TaskReply PAUSED = new Unreachable(Trouble.PAUSED);

  private final Circuit firstQueries;
  private final Circuit refreshes;

  Breaker(String account, MeterRegistry registry, TimeSource time) {
    firstQueries = new Circuit(account, "first queries", time);
    refreshes = new Circuit(account, "refreshes", time);
    Gauge.builder("gateway.upstream.breaker.open", this, breaker -> breaker.isClosed() ? 0 : 1)
        .description("1 unless the breaker is closed: calls are rejected, or a few are tried")
        .tag("account", account)
        .register(registry);
  }

  /** The call's reply, or {@link Trouble#PAUSED} without a call. */
  TaskReply guard(boolean isRefresh, Supplier<TaskReply> call) {
    return (isRefresh ? refreshes : firstQueries).guard(call);
  }

  private boolean isClosed() {
    return firstQueries.isClosed() && refreshes.isClosed();
  }

  private static boolean isFailure(Object reply) {
    return reply instanceof Unreachable
        || (reply instanceof Refused refused
            && (refused.refusal() == Refusal.CUT || refused.upstreamStatus() >= 500));
  }

  private static final class Circuit {
    private final String account;
    private final String calls;
    private final CircuitBreaker breaker;
    private final TimeSource time;
    private volatile long lastTransition;

    Circuit(String account, String calls, TimeSource time) {
      this.account = account;
      this.calls = calls;
      this.time = time;
      this.lastTransition = time.nanoTime();
      breaker =
          CircuitBreaker.of(
              account,
              CircuitBreakerConfig.custom()
                  .slidingWindow(30, 20, SlidingWindowType.TIME_BASED)
                  .failureRateThreshold(50)
                  .recordResult(Breaker::isFailure)
                  .waitDurationInOpenState(Duration.ofSeconds(5))
                  .permittedNumberOfCallsInHalfOpenState(5)
                  .maxWaitDurationInHalfOpenState(Duration.ofMinutes(1))
                  .clock(time.monotonic())
                  .build());
      breaker
          .getEventPublisher()
          .onStateTransition(event -> changed(event.getStateTransition().getToState()));
    }

    boolean isClosed() {
      return breaker.getState() == State.CLOSED;
    }

    TaskReply guard(Supplier<TaskReply> call) {
      if (!breaker.tryAcquirePermission()) {
        return PAUSED;
      }
      long start = time.nanoTime();
      try {
        TaskReply reply = call.get();
        record(reply, start);
        return reply;
      } catch (RuntimeException | Error defect) {
        breaker.releasePermission();
        throw defect;
      }
    }

    /** A call that began before the state changed says nothing about the provider as it is now. */
    private void record(TaskReply reply, long start) {
      if (start - lastTransition < 0) {
        return; // a half-open trial's permission is restored after the longest wait
      }
      if (reply instanceof Unreachable none && none.trouble() == Trouble.SATURATED) {
        breaker.releasePermission();
      } else {
        breaker.onResult(time.nanoTime() - start, TimeUnit.NANOSECONDS, reply);
      }
    }

    private void changed(State state) {
      lastTransition = time.nanoTime();
      log.atWarn()
          .addKeyValue("account", account)
          .addKeyValue("breaker", state)
          .log(
              state == State.CLOSED
                  ? "The provider recovered ({}, account {})"
                  : "The provider keeps failing; the circuit breaker rejects {} (account {}, {})",
              calls,
              account,
              state);
    }
  }
}
