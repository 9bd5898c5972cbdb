package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.videoquery.dialect.Dialect;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Metrics about the provider's tasks, taken from its replies. The number of tag values is limited:
 * no text of a caller becomes one.
 */
final class TaskMetrics {
  static final String OTHER = "other";
  private static final int MAX_MODELS = 32;
  private static final Duration LONGEST_TASK = Duration.ofDays(1);
  private static final Duration OVERDUE_AT_LEAST = Duration.ofMinutes(30);
  private static final int OVERDUE_TIMES_USUAL = 3;
  private static final int MAX_OVERDUE_CHARACTERS = 1 << 20;

  private final Set<String> models = ConcurrentHashMap.newKeySet();
  private final Forecast forecast;
  private final Counter callsSaved;
  private final MeterProvider<Counter> statuses;
  private final ConcurrentMap<String, Counter> byStatus = new ConcurrentHashMap<>();
  private final MeterProvider<Timer> durations;
  private final MeterProvider<Counter> overdue;

  /** Tasks that were counted as overdue; some may be forgotten, and counted again. */
  private final Cache<TaskId, Boolean> knownOverdue =
      Caffeine.newBuilder()
          .maximumWeight(MAX_OVERDUE_CHARACTERS)
          .weigher((TaskId id, Boolean known) -> id.value().length())
          .executor(Runnable::run)
          .build();

  TaskMetrics(MeterRegistry registry, Forecast forecast) {
    this.forecast = forecast;
    this.callsSaved =
        Counter.builder("gateway.upstream.calls.saved")
            .description("Answers given without a call of their own: cache hits and joined calls")
            .register(registry);
    this.statuses =
        Counter.builder("gateway.task.status")
            .description("Answers of the provider by the task's state")
            .withRegistry(registry);
    this.durations =
        Timer.builder("gateway.task.duration")
            .description("From a task's creation to its completion, as the provider tells")
            .withRegistry(registry);
    this.overdue =
        Counter.builder("gateway.tasks.overdue")
            .description("Unfinished tasks that take far longer than is usual")
            .withRegistry(registry);
  }

  /** Counts answers that were given without a call of their own. */
  void callsSaved(int answers) {
    callsSaved.increment(answers);
  }

  /**
   * The model's name for tags, once the provider has answered for a task of it; {@value #OTHER}
   * beyond the first 32.
   */
  String model(TaskId id, TaskReply reply) {
    String model = reply instanceof Known ? id.model().orElse(OTHER) : OTHER;
    if (model.equals(OTHER) || models.contains(model)) {
      return model;
    }
    synchronized (models) {
      if (models.size() < MAX_MODELS) {
        models.add(model);
      }
      return models.contains(model) ? model : OTHER;
    }
  }

  /** Counts a newly stored reply; also a task's duration, when it is first stored as finished. */
  void stored(TaskId id, TaskReply reply, String model, @Nullable CacheEntry before) {
    if (reply instanceof Known known) {
      String status = known.status().toLowerCase(Locale.ROOT);
      byStatus
          .computeIfAbsent(
              Dialect.STANDARD.knows(status) ? status : OTHER,
              tag -> statuses.withTag("status", tag))
          .increment();
    }
    boolean firstTime = before == null || !(before.reply() instanceof Finished);
    if (reply instanceof Finished finished && firstTime) {
      Instant created =
          finished.createdAt() != null ? finished.createdAt() : id.createdAt().orElse(null);
      Instant completed = finished.completedAt();
      if (created != null && completed != null) {
        recordDuration(Duration.between(created, completed), model);
      }
    }
  }

  /**
   * Counts an unfinished task, once, when it is older than half an hour and three times the usual
   * duration of its model. Only tasks that somebody asks about are seen.
   */
  void unfinished(TaskId id, String model, Duration age) {
    Duration usual = forecast.usual(model).orElse(Duration.ZERO);
    if (age.compareTo(OVERDUE_AT_LEAST) > 0
        && age.compareTo(usual.multipliedBy(OVERDUE_TIMES_USUAL)) > 0
        && knownOverdue.asMap().putIfAbsent(id, true) == null) {
      overdue.withTag("model", model).increment();
    }
  }

  /** Impossible durations are ignored. */
  private void recordDuration(Duration duration, String model) {
    if (duration.isPositive() && duration.compareTo(LONGEST_TASK) < 0) {
      durations.withTag("model", model).record(duration);
      forecast.took(model, duration);
    }
  }
}
