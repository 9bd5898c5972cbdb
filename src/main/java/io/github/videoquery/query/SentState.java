package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of an event stream has been told about a task.
 *
 * @param news of the latest status; null for none, or if a problem came after it
 * @param expected when the task will probably end; null for nothing
 * @param problem the problem that lasts; null for none
 * @param isOver whether there is nothing more to tell
 */
record Told(
    @Nullable String news,
    @Nullable Instant expected,
    @Nullable ProblemCode problem,
    boolean isOver) {
  static final Told NOTHING = new Told(null, null, null, false);
  static final Told OVER = new Told(null, null, null, true);

  Told status(String latest) {
    return new Told(latest, expected, null, isOver);
  }

  Told expected(Instant end) {
    return new Told(news, end, problem, isOver);
  }

  /** When the problem is over, the status is sent again, so its news is dropped. */
  Told problem(ProblemCode lasting) {
    return new Told(null, expected, lasting, isOver);
  }

  /** The provider answers again. */
  Told noProblem() {
    return problem == null ? this : new Told(news, expected, null, isOver);
  }
}
