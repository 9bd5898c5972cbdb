package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Those who know of tasks: one account at a provider, or several. */
public interface Provider {
  /**
   * Nanoseconds until a question that comes now would have its turn; 0 where no {@code max-rate}
   * holds it back.
   *
   * @param account the one that answered for this task before; null for a first question
   */
  long delayNanos(TaskQuery query, @Nullable String account);

  /**
   * Waits for the turn of such a question, blocking the calling virtual thread.
   *
   * @param patience the longest wait, here and for further accounts
   * @return null if the turn did not come in time
   */
  @Nullable CallPermit acquire(TaskQuery query, @Nullable String account, Duration patience);

  /** The right to make one call. Either of its methods uses it up. */
  interface CallPermit {
    /**
     * Makes the call. Failures are values: a {@link TaskReply} comes back within {@code
     * gateway.upstream.call-timeout}, not counting permits of further accounts.
     *
     * @param account as above, as far as is known by now
     */
    AccountReply call(@Nullable String account);

    /** Leaves the permit to another query. */
    void giveBack();
  }
}
