package io.github.videoquery.cache;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.videoquery.cache.RedisFault.Kind;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis can be used: a breaker for each node. It opens if half of the last 20 operations,
 * at least 10, were late, or had no connection, and lets a few try again after 3 s. An error reply
 * does not count, because Redis answers: it makes the node unavailable to operators only. Each
 * cause is warned of once in 10 minutes.
 */
final class RedisHealth {
  private static final Logger log = LoggerFactory.getLogger(RedisHealth.class);
  private static final long WARNED_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** After such a time without any answer the connection is taken for dead. */
  private static final long DEAD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A node that nobody asks has no keys any more: a failover gave them to another. */
  private static final long ASKED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final LongConsumer reconnect;
  private final TimeSource time;
  private final ConcurrentMap<String, Node> nodes = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Long> warned = new ConcurrentHashMap<>();

  /**
   * @param reconnect drops the connection, so that the next operation makes a new one, unless it
   *     was made after the operation that failed began: at this moment
   */
  RedisHealth(LongConsumer reconnect, MeterRegistry registry, TimeSource time) {
    this.reconnect = reconnect;
    this.time = time;
    Gauge.builder("gateway.redis.available", this, health -> health.isAvailable() ? 1 : 0)
        .description("0 while Redis, or a node of its cluster, is not used, or answers with errors")
        .register(registry);
  }

  private static CircuitBreakerConfig settings(TimeSource time) {
    return CircuitBreakerConfig.custom()
        .slidingWindow(20, 10, SlidingWindowType.COUNT_BASED)
        .failureRateThreshold(50)
        .waitDurationInOpenState(Duration.ofSeconds(3))
        .permittedNumberOfCallsInHalfOpenState(2)
        .maxWaitDurationInHalfOpenState(Duration.ofSeconds(10))
        .clock(time.monotonic())
        .build();
  }

  private boolean isAvailable() {
    long now = time.nanoTime();
    return nodes.values().stream()
        .filter(node -> now - node.asked < ASKED_NANOS)
        .allMatch(node -> node.errors.areFew() && node.breaker.getState() == State.CLOSED);
  }

  /** The node of this name. */
  Node node(String name) {
    return nodes.computeIfAbsent(name, Node::new);
  }

  /** One server. */
  final class Node {
    private final CircuitBreaker breaker;
    private volatile long answered = time.nanoTime();
    private volatile long asked = time.nanoTime();
    private final RedisErrors errors = new RedisErrors();
    private volatile RedisFault cause = RedisFault.BROKEN;

    private Node(String name) {
      this.breaker = CircuitBreaker.of(name, settings(time));
      breaker.getEventPublisher().onStateTransition(event -> tell(event.getStateTransition()));
    }

    /** Whether an operation may be made; its result must be reported, or {@link #release}. */
    boolean tryAcquire() {
      asked = time.nanoTime();
      return breaker.tryAcquirePermission();
    }

    void release() {
      breaker.releasePermission();
    }

    void succeeded(long nanos, RedisOperation operation) {
      cause = RedisFault.BROKEN;
      answered = time.nanoTime();
      breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
      errors.succeeded(operation);
    }

    void failed(long nanos, RedisFault fault, Exception error, RedisOperation operation) {
      if (fault.kind() == Kind.LATE || fault.kind() == Kind.CONNECTION) {
        cause = cause.equals(RedisFault.BROKEN) ? fault : cause; // what follows is its consequence
        breaker.onError(nanos, TimeUnit.NANOSECONDS, error);
      } else {
        answered = time.nanoTime();
        breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        warn(fault);
      }
      errors.failed(operation, fault);
      long now = time.nanoTime();
      boolean isDead = fault.kind() == Kind.LATE && now - answered >= DEAD_NANOS;
      if (isDead || fault.isReadOnly()) {
        answered = now; // the next connection has its time, too
        reconnect.accept(now - nanos);
      }
    }

    private void tell(StateTransition transition) {
      if (transition == StateTransition.CLOSED_TO_OPEN) {
        log.warn(
            "Redis {}; the gateway goes on without it and tries again each 3 s", cause.cause());
      } else if (transition.getToState() == State.CLOSED) {
        log.warn("Redis answers again");
      }
    }
  }

  private void warn(RedisFault fault) {
    long now = time.nanoTime();
    Long before = warned.get(fault.cause());
    boolean isNew = before == null || now - before >= WARNED_NANOS;
    if (isNew && putIfUnchanged(fault.cause(), before, now)) {
      log.warn("Redis {}; the gateway goes on without it where it must", fault.cause());
    }
  }

  private boolean putIfUnchanged(String cause, @Nullable Long before, long now) {
    return before == null
        ? warned.putIfAbsent(cause, now) == null
        : warned.replace(cause, before, now);
  }
}
