package io.github.videoquery.cache;

import java.time.Duration;

/** What a call is for, and so how long it may wait. */
enum CallPurpose {
  /** A caller that cannot be answered otherwise. */
  FIRST_ANSWER(Duration.ofSeconds(2), true, true),
  /** A caller that gets the stale entry if the call takes long. */
  REFRESH(Duration.ofSeconds(1), false, false),
  /** Nobody: the stale entry was served. */
  REVALIDATION(Duration.ZERO, false, false),
  /** Nobody: the stale entry was served because {@code max-rate} delays the call. */
  DELAYED_REFRESH(Duration.ofMinutes(1), false, false),
  /** The feed of a task of which nothing is known. */
  FEED(Duration.ofMinutes(15), true, false),
  /** The feed of a task of which a stale entry can be served. */
  FEED_REFRESH(Duration.ofMinutes(15), false, false);

  private final Duration permitTimeout;
  private final boolean mayQueue;
  private final boolean isAwaited;

  CallPurpose(Duration permitTimeout, boolean mayQueue, boolean isAwaited) {
    this.permitTimeout = permitTimeout;
    this.mayQueue = mayQueue;
    this.isAwaited = isAwaited;
  }

  /** Whether a caller has nothing but this call, and so has to wait for Redis before it. */
  boolean isAwaited() {
    return isAwaited;
  }

  /** The longest wait for the permit of the call. */
  Duration permitTimeout() {
    return permitTimeout;
  }

  /**
   * Whether it may queue for the account's concurrent calls, and may have any of them: else at most
   * half of them, so that refreshes do not keep first answers waiting.
   */
  boolean mayQueue() {
    return mayQueue;
  }
}
