package io.github.videoquery.cache;

import io.github.videoquery.cache.RedisHealth.Node;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.data.redis.serializer.RedisSerializer;

/**
 * Operations on Redis, each with a time limit, counted, and guarded by the {@link RedisHealth} of
 * the node that has its key.
 */
final class RedisOperations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisOperations.class);

  private final RedisTemplate<String, byte[]> redis = new RedisTemplate<>();
  private final RedisConnections connections;
  private final RedisHealth health;
  private final MeterProvider<Timer> requests;
  private final TimeSource time;
  private final RedisThreads threads = new RedisThreads();

  RedisOperations(RedisConnections connections, MeterRegistry registry, TimeSource time) {
    redis.setConnectionFactory(connections);
    redis.setKeySerializer(RedisSerializer.string());
    redis.setValueSerializer(RedisSerializer.byteArray());
    redis.afterPropertiesSet();
    this.connections = connections;
    this.time = time;
    this.health =
        new RedisHealth(began -> threads.later(() -> connections.drop(began)), registry, time);
    this.requests =
        Timer.builder("gateway.redis.requests")
            .description("Operations of the shared cache")
            .withRegistry(registry);
  }

  RedisThreads threads() {
    return threads;
  }

  RedisTemplate<String, byte[]> redis() {
    return redis;
  }

  /**
   * The result of a script.
   *
   * @param keys of one slot
   */
  @Nullable Boolean execute(RedisScript<Boolean> script, List<String> keys, byte[]... arguments) {
    return redis.execute(script, keys, (Object[]) arguments);
  }

  /** The operation's result; null if the breaker is open, or Redis fails or takes too long. */
  <T> @Nullable T soon(String key, RedisTimeout timeout, Callable<@Nullable T> operation) {
    return soon(RedisOperation.READ, key, timeout, operation);
  }

  <T> @Nullable T soon(
      RedisOperation kind, String key, RedisTimeout timeout, Callable<@Nullable T> operation) {
    Node node = health.node(connections.nodeOf(key));
    if (timeout.isSpent() || !node.tryAcquire()) {
      return null;
    }
    long start = time.nanoTime();
    try {
      Future<@Nullable T> result = threads.submit(operation);
      T value = result.get(timeout.leftNanos(), TimeUnit.NANOSECONDS);
      succeeded(kind, node, start);
      timeout.answered(time.nanoTime() - start);
      return value;
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      failed(kind, node, start, e);
      timeout.failed(time.nanoTime() - start);
    } catch (InterruptedException e) {
      node.release();
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /**
   * Writes an entry on this thread, for which no caller waits. Longer than {@link
   * RedisTimeout#BACKGROUND} counts as late.
   */
  void write(String key, Callable<?> operation) {
    Node node = health.node(connections.nodeOf(key));
    if (!node.tryAcquire()) {
      return;
    }
    long start = time.nanoTime();
    try {
      var _ = operation.call();
      if (time.nanoTime() - start > RedisTimeout.BACKGROUND.toNanos()) {
        failed(RedisOperation.READ, node, start, new TimeoutException()); // late, but written
      } else {
        succeeded(RedisOperation.WRITE, node, start);
      }
    } catch (Exception e) {
      failed(RedisOperation.WRITE, node, start, e);
    }
  }

  private void succeeded(RedisOperation kind, Node node, long start) {
    long took = time.nanoTime() - start;
    count(kind, "done", took);
    node.succeeded(took, kind);
  }

  private void failed(RedisOperation kind, Node node, long start, Exception error) {
    long took = time.nanoTime() - start;
    RedisFault fault = RedisFault.of(error);
    count(kind, fault.kind() == RedisFault.Kind.LATE ? "late" : "failed", took);
    log.debug("Redis", error);
    node.failed(took, fault, error, kind);
  }

  private void count(RedisOperation kind, String outcome, long nanos) {
    if (kind != RedisOperation.ANNOUNCEMENTS) {
      requests.withTag("outcome", outcome).record(nanos, TimeUnit.NANOSECONDS);
    }
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
