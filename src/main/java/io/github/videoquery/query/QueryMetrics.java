package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.query.Question.Ask;
import io.github.videoquery.query.Question.Delivery;
import io.github.videoquery.query.Question.Wait;
import io.github.videoquery.query.Question.Watch;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * How long answered questions took, by how the answer came about. Keeps its timers: finding one
 * costs more than a hit may.
 */
@Component
final class QueryMetrics {
  private final MeterRegistry registry;
  private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();

  QueryMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Series(String mode, String result, String model) {}

  void answered(Delivery delivery, Answer answer, long nanos) {
    timers
        .computeIfAbsent(
            new Series(mode(delivery), result(answer), answer.snapshot().model()), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private static String mode(Delivery delivery) {
    return switch (delivery) {
      case Ask _ -> "ask";
      case Wait _ -> "wait";
      case Watch _ -> "watch";
    };
  }

  private Timer timer(Series series) {
    return Timer.builder("gateway.queries")
        .description("Questions answered, by mode and by how the answer came about")
        .tags("mode", series.mode, "result", series.result, "model", series.model)
        .register(registry);
  }

  private static String result(Answer answer) {
    if (answer.snapshot().reply() instanceof Refused
        || answer.snapshot().reply() instanceof Unreachable) {
      return "error";
    }
    return switch (answer.source()) {
      case HIT -> "hit";
      case STALE -> "stale";
      case MISS, REFRESH -> answer.collapsed() ? "shared" : "miss";
    };
  }
}
