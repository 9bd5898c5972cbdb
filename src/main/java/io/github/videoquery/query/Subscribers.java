package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Bounds the open long polls and event streams, in all and for each client. At a stop it waits
 * until each has its answer, because the server's own stop closes idle connections.
 */
@Component
final class Subscribers implements SmartLifecycle {
  /** After {@link io.github.videoquery.cache.TaskFeeds}, before the server. */
  private static final int STOPS_IN_PHASE = Integer.MAX_VALUE - 768;

  private static final long LONGEST_STOP_SECONDS = 5;

  private static final Problem TOO_MANY =
      Problem.retryable(
          ProblemCode.OVERLOADED,
          "Too many long polls and event streams are open. Ask without waiting, or wait for the"
              + " time in Retry-After.",
          Duration.ofSeconds(5),
          Map.of());

  private final int max;
  private final Semaphore permits;
  private final int maxPerClient;
  private final ConcurrentMap<String, Integer> perClient = new ConcurrentHashMap<>();
  private final AtomicInteger longPolls = new AtomicInteger();
  private final AtomicInteger eventStreams = new AtomicInteger();
  private volatile boolean isRunning;

  Subscribers(WaitProperties properties, MeterRegistry registry) {
    this.max = properties.maxWaiters();
    this.permits = new Semaphore(max);
    this.maxPerClient = properties.maxWaitersPerClient();
    gauge("wait", longPolls, registry);
    gauge("watch", eventStreams, registry);
  }

  private static void gauge(String kind, AtomicInteger count, MeterRegistry registry) {
    Gauge.builder("gateway.waiters", count, AtomicInteger::get)
        .description("Open long polls, and tasks of open event streams")
        .tag("kind", kind)
        .register(registry);
  }

  @Override
  public void start() {
    isRunning = true;
  }

  @Override
  public void stop() {
    isRunning = false;
    try {
      if (permits.tryAcquire(max, LONGEST_STOP_SECONDS, TimeUnit.SECONDS)) {
        permits.release(max);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return isRunning;
  }

  @Override
  public int getPhase() {
    return STOPS_IN_PHASE;
  }

  /** The permit of a long poll or an event stream, until it is closed. */
  interface Permit extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * The permit of a long poll.
   *
   * @throws ProblemException {@code overloaded}, if there are as many as may be
   */
  Permit longPoll(Client client) {
    return enter(1, client, longPolls);
  }

  /**
   * The permit of an event stream, which counts once for each of its tasks.
   *
   * @throws ProblemException {@code overloaded}, if there are as many as may be
   */
  Permit eventStreams(int tasks, Client client) {
    return enter(tasks, client, eventStreams);
  }

  private Permit enter(int tasks, Client client, AtomicInteger count) {
    enter(tasks, client);
    count.addAndGet(tasks);
    return () -> {
      count.addAndGet(-tasks);
      leave(tasks, client);
    };
  }

  private void enter(int tasks, Client client) {
    if (!permits.tryAcquire(tasks)) {
      client.refundMisses(tasks);
      throw new ProblemException(TOO_MANY);
    }
    int held = perClient.merge(client.name(), tasks, Integer::sum);
    if (held > maxPerClient && !client.isAnyone()) {
      leave(tasks, client);
      client.refundMisses(tasks);
      throw new ProblemException(TOO_MANY);
    }
  }

  private void leave(int tasks, Client client) {
    perClient.computeIfPresent(client.name(), (name, held) -> held == tasks ? null : held - tasks);
    permits.release(tasks);
  }
}
