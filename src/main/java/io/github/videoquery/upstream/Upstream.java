package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Those who know of tasks: one account at a provider, or several. */
public interface Upstream {
  /**
   * Asks about a task. Failures are values: a {@link TaskReply} comes back, after the turn it may
   * have to wait for, within {@code gateway.upstream.call-timeout}. Blocks the calling virtual
   * thread so long.
   *
   * @param account the one that answered for this task before; null for a first question
   * @param patience the longest wait for a turn at an account with a {@code max-rate}
   */
  AccountReply ask(TaskQuery query, @Nullable String account, Duration patience);

  /** Nanoseconds such a question, coming now, would wait for its turn; 0 where there is no rate. */
  long delayNanos(TaskQuery query, @Nullable String account);
}
