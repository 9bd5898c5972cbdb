package io.github.videoquery.upstream;

import io.github.videoquery.dialect.Classified;
import io.github.videoquery.dialect.SchemaDrift;
import io.github.videoquery.dialect.SchemaDrift.Kind;
import io.github.videoquery.task.TaskId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts answers that differ from the known format, and logs one warning for each difference. */
final class DriftAlarm {
  private static final int MAX_TIMES = 1000;
  private static final int MAX_WARNINGS = 100;
  private static final Logger log = LoggerFactory.getLogger(DriftAlarm.class);

  private final MeterRegistry registry;
  private final ConcurrentMap<SchemaDrift, Counter> counters = new ConcurrentHashMap<>();
  private final Set<SchemaDrift> warned = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Time, Boolean> secondsByTime = new ConcurrentHashMap<>();

  DriftAlarm(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A field for a time, in the answers of one account about tasks of one model. */
  private record Time(String account, String model, String field) {}

  /** Looks at an answer that was read without trouble. */
  void look(String account, TaskId task, Classified answer) {
    for (SchemaDrift drift : answer.drifts()) {
      count(drift);
    }
    if (answer.secondsByTime().isEmpty()) {
      return;
    }
    String model = task.model().orElse("");
    for (Map.Entry<String, Boolean> inSeconds : answer.secondsByTime().entrySet()) {
      var time = new Time(account, model, inSeconds.getKey());
      Boolean before =
          secondsByTime.size() < MAX_TIMES
              ? secondsByTime.putIfAbsent(time, inSeconds.getValue())
              : secondsByTime.get(time);
      if (before != null && !before.equals(inSeconds.getValue())) {
        count(new SchemaDrift(Kind.TIME_UNIT, time.field()));
      }
    }
  }

  /** Counts one answer that differs in this way; warned of once for each hint. */
  void count(SchemaDrift drift) {
    counter(drift).increment();
    if (!warned.contains(drift) && warned.size() < MAX_WARNINGS && warned.add(drift)) {
      warn(drift);
    }
  }

  private void warn(SchemaDrift drift) {
    log.atWarn()
        .addKeyValue("kind", drift.kind().tag())
        .addKeyValue("field", drift.field())
        .log(warning(drift), drift.kind().tag(), drift.field());
  }

  private Counter counter(SchemaDrift drift) {
    var unhinted = new SchemaDrift(drift.kind(), drift.field());
    Counter known = counters.get(unhinted);
    if (known != null) {
      return known;
    }
    Counter made = register(unhinted);
    counters.putIfAbsent(unhinted, made);
    return made;
  }

  /** The registry has one of each, however often it is asked. */
  private Counter register(SchemaDrift drift) {
    return Counter.builder("gateway.upstream.drift")
        .description("Answers that differ from what is known of the provider's")
        .tag("kind", drift.kind().tag())
        .tag("field", drift.field())
        .register(registry);
  }

  private static String warning(SchemaDrift drift) {
    return switch (drift.kind()) {
      case FOREIGN_TASK ->
          "The provider answered with another task than the one asked about: {} ({}). The answer"
              + " was not used. If this host names tasks in its own way, set"
              + " gateway.upstream.compare-ids=false";
      case KEY_IN_BODY ->
          "The provider's answer holds one of our keys: {} ({}). The answer was not used. Tell the"
              + " host's operators";
      case UNKNOWN_STATUS ->
          "The provider's answers have changed: {} ({}): '"
              + drift.hint()
              + "'. The task counts as unfinished. If it is not, add the word to"
              + " gateway.upstream.dialect.finished-statuses or .failed-statuses";
      default ->
          "The provider's answers have changed: {} ({})"
              + (drift.hint().isEmpty()
                  ? ""
                  : ". A URL stands at "
                      + drift.hint()
                      + ": see gateway.upstream.dialect.link-fields");
    };
  }
}
