package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.upstream.Drift.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts how answers differ from what is known of them, and warns of each way once. */
final class DriftAlarm {
  private static final int MAX_TIMES = 1000;
  private static final Logger log = LoggerFactory.getLogger(DriftAlarm.class);

  private final MeterRegistry registry;
  private final ConcurrentMap<Drift, Counter> seen = new ConcurrentHashMap<>();
  private final ConcurrentMap<Time, Boolean> secondsByTime = new ConcurrentHashMap<>();

  DriftAlarm(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A field for a time, in the answers of one account about tasks of one model. */
  private record Time(String account, String model, String field) {}

  /** Looks at an answer that was read without trouble. */
  void look(String account, TaskId task, AnswerFields fields) {
    for (Drift drift : fields.drifts()) {
      count(drift);
    }
    String model = task.model().orElse("");
    for (Map.Entry<String, Boolean> inSeconds : fields.secondsByTime().entrySet()) {
      var time = new Time(account, model, inSeconds.getKey());
      Boolean before =
          secondsByTime.size() < MAX_TIMES
              ? secondsByTime.putIfAbsent(time, inSeconds.getValue())
              : secondsByTime.get(time);
      if (before != null && !before.equals(inSeconds.getValue())) {
        count(new Drift(Kind.TIME_UNIT, time.field()));
      }
    }
  }

  /** Counts one answer that differs in this way. */
  void count(Drift drift) {
    Counter known = seen.get(drift);
    if (known != null) {
      known.increment();
      return;
    }
    Counter counter = counter(drift);
    counter.increment();
    if (seen.putIfAbsent(drift, counter) == null) {
      warn(drift);
    }
  }

  private void warn(Drift drift) {
    log.atWarn()
        .addKeyValue("kind", drift.kind().tag())
        .addKeyValue("field", drift.field())
        .log(warning(drift.kind()), drift.kind().tag(), drift.field());
  }

  /** The registry has one of each, however often it is asked. */
  private Counter counter(Drift drift) {
    return Counter.builder("gateway.upstream.drift")
        .description("Answers that differ from what is known of the provider's")
        .tag("kind", drift.kind().tag())
        .tag("field", drift.field())
        .register(registry);
  }

  private static String warning(Kind kind) {
    return kind == Kind.FOREIGN_TASK
        ? "The provider answered with another task than the one asked about: {} ({}). The answer"
            + " was not used. If this host names tasks in its own way, set"
            + " gateway.upstream.compare-ids=false"
        : "The provider's answers have changed: {} ({})";
  }
}
