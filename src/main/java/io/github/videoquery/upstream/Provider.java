package io.github.videoquery.upstream;

import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The provider, reached through one account or several. */
public interface Provider {
  /**
   * Nanoseconds until a query that arrives now would get its permit; 0 if no {@code max-rate}
   * delays it.
   *
   * @param account the account that answered for this task before; null for a first query
   */
  long delayNanos(TaskQuery query, @Nullable String account);

  /**
   * Waits for the permit of such a query. Blocks the calling virtual thread.
   *
   * @param timeout the longest wait, for this account and for each further one
   * @return null if there was no permit in time
   */
  @Nullable CallPermit acquire(TaskQuery query, @Nullable String account, Duration timeout);

  /** The right to make one call. Either of its methods uses it up. */
  interface CallPermit {
    /**
     * Makes the call. Failures are values: a {@link TaskReply} comes back within {@code
     * gateway.upstream.call-timeout}, not counting permits of further accounts.
     *
     * @param account the account that answered for this task before, if that is known by now
     * @param mayQueue false for a refresh that nobody needs at once: it does not queue for the
     *     account's concurrent calls, and has at most half of them
     * @param held holds the body that the call brings
     */
    AccountReply call(@Nullable String account, boolean mayQueue, HeldBodies held);

    /** Returns the permit, so that another query can use it. */
    void giveBack();
  }
}
