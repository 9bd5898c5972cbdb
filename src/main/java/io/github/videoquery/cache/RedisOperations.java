package io.github.videoquery.cache;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.data.redis.serializer.RedisSerializer;

/**
 * Operations on Redis, each with a time limit, counted, and guarded by a {@link CircuitBreaker}:
 * while Redis keeps failing, it is not called for a few seconds.
 */
final class RedisOperations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisOperations.class);

  /** A query makes up to two operations within the longest delay. */
  private static final Duration TIMEOUT = Duration.ofMillis(SharedCache.LONGEST_DELAY_MILLIS / 2);

  private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();
  private final CircuitBreaker breaker;
  private final MeterProvider<Timer> requests;
  private final TimeSource time;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("redis-", 0).factory());

  RedisOperations(RedisConnectionFactory connections, MeterRegistry registry, TimeSource time) {
    redis.setConnectionFactory(connections);
    redis.setKeySerializer(RedisSerializer.string());
    redis.setValueSerializer(RedisSerializer.byteArray());
    redis.afterPropertiesSet();
    this.time = time;
    this.breaker = RedisBreaker.create(registry);
    this.requests =
        Timer.builder("gateway.redis.requests")
            .description("Operations of the shared cache")
            .withRegistry(registry);
  }

  RedisTemplate<String, byte[]> redis() {
    return redis;
  }

  /** The result of a script on one key. */
  @Nullable Boolean execute(RedisScript<Boolean> script, String key, byte[]... arguments) {
    return redis.execute(script, List.of(key), (Object[]) arguments);
  }

  /** The operation's result; null if the breaker is open, or Redis fails or takes too long. */
  <T> @Nullable T soon(Callable<@Nullable T> operation) {
    if (!breaker.tryAcquirePermission()) {
      return null;
    }
    long start = time.nanoTime();
    try {
      Future<@Nullable T> result = threads.submit(operation);
      T value = result.get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
      ended(start, null);
      return value;
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      ended(start, e);
    } catch (InterruptedException e) {
      breaker.releasePermission();
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /**
   * Runs an operation on this thread, for which no caller waits. Longer than the limit counts as a
   * failure.
   */
  void now(Callable<?> operation) {
    if (!breaker.tryAcquirePermission()) {
      return;
    }
    long start = time.nanoTime();
    try {
      var _ = operation.call();
      boolean isLate = time.nanoTime() - start > TIMEOUT.toNanos();
      ended(start, isLate ? new TimeoutException() : null);
    } catch (Exception e) {
      ended(start, e);
    }
  }

  private void ended(long start, @Nullable Exception trouble) {
    long took = time.nanoTime() - start;
    String outcome =
        trouble == null ? "done" : trouble instanceof TimeoutException ? "late" : "failed";
    requests.withTag("outcome", outcome).record(took, TimeUnit.NANOSECONDS);
    if (trouble == null) {
      breaker.onSuccess(took, TimeUnit.NANOSECONDS);
    } else {
      log.debug("Redis", trouble);
      breaker.onError(took, TimeUnit.NANOSECONDS, trouble);
    }
  }

  /** Runs operations in the background; does nothing once closed. */
  void later(Runnable operations) {
    try {
      threads.execute(operations);
    } catch (RejectedExecutionException stopped) {
      log.debug("Redis", stopped);
    }
  }

  /** The operation's result, whatever the breaker says; null if it fails or takes longer. */
  <T> @Nullable T within(Duration limit, Callable<@Nullable T> operation) {
    try {
      Future<@Nullable T> result = threads.submit(operation);
      return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      log.debug("Redis", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Counts an entry that the gateway did not write. */
  void readGarbage() {
    requests.withTag("outcome", "garbage").record(Duration.ZERO);
  }

  @Override
  public void close() {
    threads.close();
  }
}
