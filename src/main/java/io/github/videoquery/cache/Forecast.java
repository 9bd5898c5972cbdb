package io.github.videoquery.cache;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** When a task may end: after the median time of its model's last {@value #KEPT} that ended. */
public final class Forecast {
  private static final int KEPT = 32;

  private final ConcurrentMap<String, Durations> byModel = new ConcurrentHashMap<>();
  private final TimeSource time;

  Forecast(TimeSource time) {
    this.time = time;
  }

  /** Learns how long a task of the model took. */
  void took(String model, Duration duration) {
    byModel.compute(
        model,
        (key, known) -> {
          Durations durations = known == null ? new Durations() : known;
          durations.add(duration);
          return durations;
        });
  }

  /** How long a task of the model usually takes; empty if none has ended yet. */
  Optional<Duration> usual(String model) {
    return Optional.ofNullable(byModel.get(model)).map(Durations::median);
  }

  /**
   * When an unfinished task will probably end; empty if no task of its model has ended yet, or this
   * one already takes longer than the median.
   */
  public Optional<Instant> expectedAt(TaskQuery query, CacheEntry entry) {
    Instant now = time.instant();
    Duration age = Freshness.age(query.id(), entry.firstSeen(), now);
    return usual(entry.model())
        .map(usual -> now.minus(age).plus(usual).truncatedTo(ChronoUnit.SECONDS))
        .filter(now::isBefore);
  }

  private static final class Durations {
    private final ArrayDeque<Duration> last = new ArrayDeque<>(KEPT);
    private @Nullable Duration median;

    synchronized void add(Duration duration) {
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast(duration);
      median = null;
    }

    synchronized Duration median() {
      Duration known = median;
      if (known == null) {
        List<Duration> sorted = last.stream().sorted().toList();
        known = sorted.get(sorted.size() / 2);
        median = known;
      }
      return known;
    }
  }
}
