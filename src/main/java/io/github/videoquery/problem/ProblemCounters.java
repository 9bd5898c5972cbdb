package io.github.videoquery.problem;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts the problems that are answered, by code. */
final class ProblemCounters {
  /** On the global registry, which Spring Boot's is part of: problems are constants. */
  private static final Map<ProblemCode, Counter> ANSWERED =
      Stream.of(ProblemCode.values())
          .collect(Collectors.toUnmodifiableMap(code -> code, ProblemCounters::counter));

  private ProblemCounters() {}

  static void count(ProblemCode code) {
    Objects.requireNonNull(ANSWERED.get(code)).increment();
  }

  private static Counter counter(ProblemCode code) {
    return Counter.builder("gateway.problems")
        .description("Problems answered, by code")
        .tag("code", code.code())
        .register(Metrics.globalRegistry);
  }
}
