package io.github.videoquery.task;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The provider's reply about a task, classified. Every other decision switches on these six kinds.
 */
public sealed interface TaskReply {

  /** Whether the task has ended: its state will not change again. */
  default boolean isTerminal() {
    return this instanceof Finished || this instanceof Failed;
  }

  /** An answer about a task the provider knows. */
  sealed interface Known extends TaskReply {
    Body body();

    /** The provider's own word for the task's state, empty where it gave none. */
    String status();
  }

  /** A task whose video can be fetched: a finished status and a link. It never changes again. */
  record Finished(
      Body body,
      String status,
      @Nullable Instant createdAt,
      @Nullable Instant completedAt,
      @Nullable Instant linkExpiresAt)
      implements Known {}

  /** A task that ended without a video. */
  record Failed(Body body, String status) implements Known {}

  /**
   * A task still under way, or in a state nobody has seen yet.
   *
   * @param lacksLink whether its state says that it is finished, nothing says that it is running,
   *     and there is no link: it comes a little later, or never
   * @param completedAt when such a task was completed, if the answer says so
   */
  record Unfinished(Body body, String status, boolean lacksLink, @Nullable Instant completedAt)
      implements Known {

    /** A task under way. */
    public Unfinished(Body body, String status) {
      this(body, status, false, null);
    }
  }

  /** The provider says that it knows no such task. */
  record NotFound() implements TaskReply {}

  /**
   * An answer that is not about a task.
   *
   * @param upstreamStatus the provider's HTTP status; {@link #NO_STATUS} where none could be read
   * @param retryAfter how long the provider asks us to hold back, where it says so
   */
  record Refused(Refusal refusal, int upstreamStatus, @Nullable Duration retryAfter)
      implements TaskReply {
    public static final int NO_STATUS = 0;
  }

  /**
   * No answer at all.
   *
   * @param isTimeout whether one of our deadlines passed
   */
  record Unreachable(Trouble trouble, boolean isTimeout) implements TaskReply {
    public Unreachable(Trouble trouble) {
      this(trouble, trouble == Trouble.TIMEOUT);
    }
  }

  /** Why the provider refused. */
  enum Refusal {
    /** 401, or a 403 that speaks of our key, account or address. */
    CREDENTIALS,
    /** Our account has run out of money. */
    QUOTA,
    /** 429: we ask too often. */
    RATE_LIMITED,
    /** 503: the provider has no capacity. */
    OVERLOADED,
    /** No HTTP response, or a success that holds no JSON object: HTML, truncated, empty. */
    INVALID_RESPONSE,
    /** A success that is about another task than the one asked about. */
    ANOTHER_TASK,
    /** A success that broke off in the middle. */
    CUT,
    /** A success larger than we read. */
    TOO_LARGE,
    /** A 3xx: not followed, because the key must not be sent to another address. */
    REDIRECT,
    /** Any other failure. */
    ERROR
  }

  /** Why no answer came. */
  enum Trouble {
    /** The provider's name has no address. */
    DNS,
    /** The connection could not be made. */
    CONNECT,
    /** The TLS handshake failed. */
    TLS,
    /** The proxy refused, or could not be reached. */
    PROXY,
    /** The connection broke before the answer. */
    BROKEN,
    /** The connection was made, but no answer came in time. */
    TIMEOUT,
    /** Too many concurrent calls, or no memory for the body. */
    SATURATED,
    /** No {@code max-rate} permit in time: the call was not made. */
    PACED,
    /** The circuit breaker was open: the call was not made. */
    PAUSED
  }
}
