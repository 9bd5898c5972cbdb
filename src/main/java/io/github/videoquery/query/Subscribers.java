package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Everyone who waits for news of a task: bounded in number, and told to come to an end when the
 * service stops.
 */
@Component
final class Subscribers implements SmartLifecycle {
  private static final Problem TOO_MANY =
      Problem.retryable(
          ProblemCode.OVERLOADED,
          "As many requests wait here as may. Ask without waiting, or wait for the time in"
              + " Retry-After.",
          Duration.ofSeconds(5),
          Map.of());

  private final Semaphore places;
  private final int maxPerClient;
  private final ConcurrentMap<String, Integer> perClient = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger watching = new AtomicInteger();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  Subscribers(WaitProperties properties, MeterRegistry registry) {
    this.places = new Semaphore(properties.maxWaiters());
    this.maxPerClient = properties.maxWaitersPerClient();
    gauge("wait", waiting, registry);
    gauge("watch", watching, registry);
  }

  private static void gauge(String kind, AtomicInteger count, MeterRegistry registry) {
    Gauge.builder("gateway.waiters", count, AtomicInteger::get)
        .description("Requests that wait for news, and open streams")
        .tag("kind", kind)
        .register(registry);
  }

  /**
   * Runs one who waits for an answer.
   *
   * @throws ProblemException {@code overloaded}, if there are as many as may be
   */
  void await(Client caller, Runnable waiter) {
    run(caller, waiting, waiter);
  }

  /**
   * Runs one who watches a task.
   *
   * @throws ProblemException {@code overloaded}, if there are as many as may be
   */
  void watch(Client caller, Runnable watcher) {
    run(caller, watching, watcher);
  }

  private void run(Client caller, AtomicInteger count, Runnable waiter) {
    enter(caller);
    count.incrementAndGet();
    threads.add(Thread.currentThread());
    try {
      waiter.run();
    } finally {
      threads.remove(Thread.currentThread());
      count.decrementAndGet();
      leave(caller);
    }
  }

  private void enter(Client caller) {
    if (!places.tryAcquire()) {
      caller.refundMiss();
      throw new ProblemException(TOO_MANY);
    }
    int held = perClient.merge(caller.name(), 1, Integer::sum);
    if (held > maxPerClient && !caller.isAnyone()) {
      leave(caller);
      caller.refundMiss();
      throw new ProblemException(TOO_MANY);
    }
  }

  private void leave(Client caller) {
    perClient.computeIfPresent(caller.name(), (name, held) -> held == 1 ? null : held - 1);
    places.release();
  }

  /** Lets the calling waiter pause for so many nanoseconds, or until the service stops. */
  void pause(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && running; left = until - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  /** Whether the service stops: nobody should wait any longer. */
  boolean mustEnd() {
    return !running;
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the server stops, which waits for every exchange to end. */
  @Override
  public void stop() {
    running = false;
    threads.forEach(LockSupport::unpark);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
