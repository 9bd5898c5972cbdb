package io.github.videoquery.cache;

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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of operations on Redis: the client blocks while it connects. */
final class RedisThreads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisThreads.class);

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("redis-", 0).factory());

  /** Starts an operation. */
  <T> Future<@Nullable T> submit(Callable<@Nullable T> operation) {
    return threads.submit(operation);
  }

  /** Runs an operation so many times at once. Stops at the first that fails. */
  void atOnce(int times, Runnable operation) throws InterruptedException, ExecutionException {
    List<Future<?>> all =
        IntStream.range(0, times).<Future<?>>mapToObj(i -> threads.submit(operation)).toList();
    for (Future<?> one : all) {
      one.get();
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

  @Override
  public void close() {
    threads.close();
  }
}
