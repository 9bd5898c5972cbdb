package io.github.videoquery.query;

import io.github.videoquery.task.TaskQuery;
import java.time.Duration;
import java.util.List;

/** How a caller wants its answer. */
sealed interface Delivery {

  /** At once. */
  record Ask() implements Delivery {}

  /**
   * A long poll: as soon as the answer changes, or at the timeout.
   *
   * @param timeout how long at most
   * @param isPreferred whether by the header field {@code Prefer} (RFC 7240)
   */
  record Wait(Duration timeout, boolean isPreferred) implements Delivery {}

  /**
   * By an event stream.
   *
   * @param lastEventId the last event that the caller saw
   */
  record Watch(LastEventId lastEventId) implements Delivery {}

  /**
   * By one event stream of several tasks.
   *
   * @param queries at least two, each about another task
   * @param cursor what was sent to the caller about them
   */
  record WatchMany(List<TaskQuery> queries, StreamCursor cursor) implements Delivery {
    int count() {
      return queries.size();
    }
  }
}
