package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Update;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The tasks of an event stream that are not over, each with its subscription to a feed. */
final class StreamSubscriptions {
  private volatile List<Subscribed> tasks = new ArrayList<>(1);

  private record Subscribed(TaskEventStream stream, Subscription subscription) {
    /** The answer that is to be sent; null if there is none. */
    @Nullable Answer unsent() {
      Update latest = subscription.peek();
      return latest != null && latest.isBelieved() && stream.hasEventsFor(latest.answer())
          ? latest.answer()
          : null;
    }
  }

  void add(TaskEventStream task, Subscription subscription) {
    tasks.add(new Subscribed(task, subscription));
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }

  /** See {@link Subscription#onUpdate}. */
  void onUpdate(Runnable action) {
    tasks.forEach(task -> task.subscription.onUpdate(action));
  }

  /** Whether {@link #send} may have something to send, or will throw. */
  boolean hasUnsent() {
    try {
      return tasks.stream().anyMatch(task -> task.unsent() != null);
    } catch (IllegalStateException defect) { // send() throws it again
      return true;
    }
  }

  /**
   * Sends the events of each task, and ends the subscriptions of those that have ended.
   *
   * @param evenIfEqual whether an answer counts that has no news
   * @param mayContinue asked before each task, since a slow reader takes its time
   */
  void send(boolean evenIfEqual, BooleanSupplier mayContinue) throws IOException {
    Iterator<Subscribed> each = tasks.iterator();
    while (each.hasNext() && mayContinue.getAsBoolean()) {
      Subscribed task = each.next();
      try (var _ = task.subscription.held().moved()) { // what is published meanwhile stays held
        Update update = task.subscription.poll(evenIfEqual);
        if (update != null && update.isBelieved() && task.stream.send(update.answer())) {
          task.subscription.close();
          each.remove();
        }
      }
    }
  }

  /** Ends the subscriptions and drops them, because a scheduled heartbeat still refers to this. */
  void close() {
    List<Subscribed> all = tasks;
    tasks = List.of();
    all.forEach(task -> task.subscription.close());
  }
}
