package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was sent about a task to the caller of an event stream.
 *
 * @param news of the latest status; null for none, or if a problem came after it
 * @param expected when the task will probably end; null for nothing
 * @param problem the problem that lasts; null for none
 * @param isOver whether its end was sent
 */
record SentState(
    @Nullable String news,
    @Nullable Instant expected,
    @Nullable ProblemCode problem,
    boolean isOver) {
  static final SentState NOTHING = new SentState(null, null, null, false);
  static final SentState OVER = new SentState(null, null, null, true);

  SentState status(String latest) {
    return new SentState(latest, expected, null, isOver);
  }

  SentState expected(Instant end) {
    return new SentState(news, end, problem, isOver);
  }

  /** When the problem is over, the status is sent again, so its news is dropped. */
  SentState problem(ProblemCode lasting) {
    return new SentState(null, expected, lasting, isOver);
  }

  /** The provider answers again. */
  SentState noProblem() {
    return problem == null ? this : new SentState(news, expected, null, isOver);
  }
}
