package io.github.videoquery.query;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How the events about a task are written. */
interface TaskEvents {
  void status(Known known) throws IOException;

  /**
   * @param tag of the latest answer
   */
  void expected(Instant end, String tag) throws IOException;

  /**
   * @param tag of the latest answer; null if there was none
   */
  void problem(Problem problem, @Nullable String tag) throws IOException;

  /**
   * @param how {@code finished}, {@code failed} or {@code not-found}
   * @param lastEventId by which a client that comes back shows that it has received the end
   */
  void end(String how, String lastEventId) throws IOException;
}
