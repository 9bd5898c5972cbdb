package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.query.Delivery.Ask;
import io.github.videoquery.query.Delivery.Wait;
import io.github.videoquery.query.Delivery.Watch;
import io.github.videoquery.query.Delivery.WatchMany;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How long queries took, by how the answer came about. Its timers are kept in a map, because a
 * look-up in the registry is too slow for a cache hit.
 */
@Component
final class QueryMetrics {
  private final MeterRegistry registry;
  private final TimeSource time;
  private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();

  QueryMetrics(MeterRegistry registry, TimeSource time) {
    this.time = time;
    this.registry = registry;
  }

  private record Series(String mode, Outcome outcome) {}

  /** How an answer came about, without the answer. */
  record Outcome(String result, String model) {
    static Outcome of(Answer answer) {
      return new Outcome(QueryMetrics.result(answer), answer.entry().model());
    }
  }

  /** The time, on {@link TimeSource#nanoTime()}. */
  long now() {
    return time.nanoTime();
  }

  /**
   * @param outcome null if there was no answer: then nothing is counted
   * @param start when the gateway began to answer, on {@link TimeSource#nanoTime()}
   */
  void answered(Delivery delivery, @Nullable Outcome outcome, long start) {
    if (outcome == null) {
      return;
    }
    timers
        .computeIfAbsent(new Series(mode(delivery), outcome), this::timer)
        .record(time.nanoTime() - start, TimeUnit.NANOSECONDS);
  }

  private static String mode(Delivery delivery) {
    return switch (delivery) {
      case Ask _ -> "ask";
      case Wait _ -> "wait";
      case Watch _, WatchMany _ -> "watch";
    };
  }

  private Timer timer(Series series) {
    return Timer.builder("gateway.queries")
        .description("Queries answered, by mode and by how the answer came about")
        .tags("mode", series.mode, "result", series.outcome.result, "model", series.outcome.model)
        .register(registry);
  }

  private static String result(Answer answer) {
    if (answer.entry().reply() instanceof Refused
        || answer.entry().reply() instanceof Unreachable) {
      return "error";
    }
    return switch (answer.source()) {
      case HIT -> "hit";
      case STALE, STALE_WHILE_REVALIDATE -> "stale";
      case MISS, REFRESH -> answer.collapsed() ? "shared" : "miss";
    };
  }
}
