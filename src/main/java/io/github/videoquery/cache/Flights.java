package io.github.videoquery.cache;

import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
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
