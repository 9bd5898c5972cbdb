package io.github.videoquery.cache;

import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Single flight: at most one call for a query is under way, and others join it. A call in flight
 * does not depend on its callers: one that hangs up neither cancels nor shortens it.
 */
final class Flights {
  private static final Logger log = LoggerFactory.getLogger(Flights.class);
  private static final Thread.Builder THREADS = Thread.ofVirtual().name("flight-", 0);

  private final ConcurrentMap<TaskQuery, Flight> underWay = new ConcurrentHashMap<>();
  private final BodyMemory memory;

  Flights(BodyMemory memory) {
    this.memory = memory;
  }

  /** A call on its way: waiting for its permit, for other replicas, or for the provider. */
  static final class Flight {
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final HeldBodies bodies;
    private volatile boolean hasPermit;
    private volatile boolean isBeyondSharedCache;
    private volatile long permittedAt;

    private Flight(HeldBodies bodies) {
      this.bodies = bodies;
    }

    /** They hold what the call brings until the flight is over. */
    HeldBodies bodies() {
      return bodies;
    }

    /** Adds the answer to what its caller holds, before the flight lets go of it. */
    void handTo(HeldBodies held) {
      var _ = answer.thenAccept(brought -> held.add(brought.entry().reply()));
    }

    private void complete(Answer brought) {
      try (bodies) {
        answer.complete(brought);
      }
    }

    private void fail(Throwable defect) {
      try (bodies) {
        answer.completeExceptionally(defect);
      }
    }

    /** The shared cache has answered, or failed. */
    void passedSharedCache() {
      isBeyondSharedCache = true;
    }

    /** How long it can be awaited before {@link #isHeldUp} has to be asked. */
    long unaskedNanos(long now) {
      if (!hasPermit) {
        return SharedCache.LONGEST_DELAY_NANOS / 5;
      }
      return isBeyondSharedCache
          ? Long.MAX_VALUE
          : permittedAt + SharedCache.LONGEST_DELAY_NANOS - now;
    }

    /** Whether the shared cache takes longer to answer than a caller should wait for it. */
    boolean isHeldUp(long now) {
      return hasPermit
          && !isBeyondSharedCache
          && now - permittedAt >= SharedCache.LONGEST_DELAY_NANOS;
    }

    /** From now on, callers that joined wait until the call ends; the shared cache is next. */
    void permitted(long now) {
      permittedAt = now;
      hasPermit = true;
    }

    /**
     * Waits for the answer. Blocks the calling virtual thread.
     *
     * @return null if it did not come in time
     */
    @Nullable Answer await(Duration timeout, TimeSource time) {
      long deadline = time.nanoTime() + timeout.toNanos();
      Thread waiting = Thread.currentThread();
      var _ = answer.whenComplete((done, defect) -> LockSupport.unpark(waiting));
      while (!answer.isDone()) {
        if (deadline - time.nanoTime() <= 0) {
          return null;
        }
        time.parkUntil(this, deadline);
        if (waiting.isInterrupted()) {
          throw new IllegalStateException("Interrupted");
        }
      }
      return answer.join();
    }

    /**
     * Waits for the answer: for the permit no longer than given, then until the call has ended.
     *
     * @return null if the permit did not come in time
     */
    @Nullable Answer join(Duration permitTimeout, TimeSource time) {
      Answer done = await(permitTimeout, time);
      while (done == null && hasPermit) {
        done = await(permitTimeout, time);
      }
      return done == null ? null : done.asCollapsed();
    }
  }

  /** A new holder of bodies. */
  HeldBodies holder() {
    return memory.holder();
  }

  /** A flight that has not started. */
  Flight newFlight() {
    return new Flight(memory.holder());
  }

  boolean isUnderWay(TaskQuery query) {
    return underWay.containsKey(query);
  }

  /** Starts the caller's own flight, or returns the one already in flight. */
  Flight joinOrStart(TaskQuery query, Flight own) {
    return Objects.requireNonNullElse(underWay.putIfAbsent(query, own), own);
  }

  /**
   * Runs the caller's own flight on the calling thread.
   *
   * @param call returns null if the flight is not over: {@link #flyBehind} continues it
   */
  @Nullable Answer fly(TaskQuery query, Flight own, Supplier<@Nullable Answer> call) {
    try {
      Answer answer = call.get();
      if (answer != null) {
        underWay.remove(query);
        own.complete(answer);
      }
      return answer;
    } catch (RuntimeException | Error defect) {
      underWay.remove(query);
      own.fail(defect);
      throw defect;
    }
  }

  /** Runs the caller's own flight on a new thread, with the caller's trace and log context. */
  void flyBehind(TaskQuery query, Flight own, Supplier<@Nullable Answer> call) {
    Map<String, String> logContext = MDC.getCopyOfContextMap();
    THREADS.start(
        Context.current()
            .wrap(
                () -> {
                  MDC.setContextMap(Objects.requireNonNullElse(logContext, Map.of()));
                  try {
                    var _ = fly(query, own, call);
                  } catch (RuntimeException | Error defect) {
                    log.debug("The call failed; callers that joined it get this exception", defect);
                  }
                }));
  }
}
