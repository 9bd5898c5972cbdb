package io.github.videoquery.cache;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The circuit breaker for Redis. It logs each change of state once. */
final class RedisBreaker {
  private static final Logger log = LoggerFactory.getLogger(RedisBreaker.class);

  private RedisBreaker() {}

  /** Opens after 5 of the last 10 operations failed or were late, and tries again after 3 s. */
  static CircuitBreaker create(MeterRegistry registry) {
    CircuitBreaker breaker =
        CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                .slidingWindow(10, 5, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(3))
                .permittedNumberOfCallsInHalfOpenState(2)
                .maxWaitDurationInHalfOpenState(Duration.ofSeconds(10))
                .build());
    breaker.getEventPublisher().onStateTransition(event -> log(event.getStateTransition()));
    Gauge.builder("gateway.redis.available", breaker, b -> b.getState() == State.CLOSED ? 1 : 0)
        .description("0 while Redis fails and the gateway goes on without it")
        .register(registry);
    return breaker;
  }

  private static void log(StateTransition transition) {
    if (transition == StateTransition.CLOSED_TO_OPEN) {
      log.warn("Redis fails or is too slow; the gateway goes on without it and tries again");
    } else if (transition.getToState() == State.CLOSED) {
      log.warn("Redis answers again");
    }
  }
}
