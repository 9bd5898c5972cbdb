package io.github.videoquery.cache;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How long tasks of each model took lately: the median of the last {@value #KEPT} that ended. */
final class Forecast {
  private static final int KEPT = 32;

  private final ConcurrentMap<String, Lately> byModel = new ConcurrentHashMap<>();

  void took(String model, Duration duration) {
    byModel.computeIfAbsent(model, key -> new Lately()).add(duration);
  }

  Optional<Duration> of(String model) {
    return Optional.ofNullable(byModel.get(model)).map(Lately::median);
  }

  private static final class Lately {
    private final ArrayDeque<Duration> durations = new ArrayDeque<>(KEPT);

    synchronized void add(Duration duration) {
      if (durations.size() == KEPT) {
        durations.removeFirst();
      }
      durations.addLast(duration);
    }

    synchronized Duration median() {
      List<Duration> sorted = durations.stream().sorted().toList();
      return sorted.get(sorted.size() / 2);
    }
  }
}
