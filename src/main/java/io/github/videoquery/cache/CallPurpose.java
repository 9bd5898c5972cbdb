package io.github.videoquery.cache;

import java.time.Duration;

/** What a call is for, and so how long it may wait. */
enum CallPurpose {
  /** A caller that cannot be answered otherwise. */
  FIRST_ANSWER(Duration.ofSeconds(2), true),
  /** A caller that gets the stale entry if the call takes long. */
  REFRESH(Duration.ofSeconds(1), false),
  /** Nobody: the stale entry was served. */
  REVALIDATION(Duration.ZERO, false),
  /** Nobody: the stale entry was served because {@code max-rate} delays the call. */
  DELAYED_REFRESH(Duration.ofMinutes(1), true),
  /** The feed of a task. */
  FEED(Duration.ofMinutes(15), true);

  private final Duration permitTimeout;
  private final boolean mayQueue;

  CallPurpose(Duration permitTimeout, boolean mayQueue) {
    this.permitTimeout = permitTimeout;
    this.mayQueue = mayQueue;
  }

  /** The longest wait for the permit of the call. */
  Duration permitTimeout() {
    return permitTimeout;
  }

  /** Whether it may queue for the account's concurrent calls. */
  boolean mayQueue() {
    return mayQueue;
  }
}
