package io.github.videoquery.query;

import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Update;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The tasks of an event stream that are not over, each with its subscription to a feed. */
final class WatchedTasks {
  private final List<Watched> tasks = new ArrayList<>(1);

  private record Watched(TaskEventStream task, Subscription subscription) {
    boolean isToBeTold() {
      try {
        Update latest = subscription.peek();
        return latest != null && latest.isBelieved() && task.isToBeTold(latest.answer());
      } catch (IllegalStateException defect) { // the thread that tells it will meet it, too
        return true;
      }
    }
  }

  void add(TaskEventStream task, Subscription subscription) {
    tasks.add(new Watched(task, subscription));
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }

  /** See {@link Subscription#onUpdate}. */
  void onUpdate(Runnable action) {
    tasks.forEach(watched -> watched.subscription.onUpdate(action));
  }

  /** Whether {@link #tell} has something to send. */
  boolean areToBeTold() {
    return tasks.stream().anyMatch(Watched::isToBeTold);
  }

  /**
   * Sends what there is about each task. Those that end are no longer watched.
   *
   * @param evenIfEqual whether an answer counts that tells the same as the one before
   * @param goesOn asked before each task, since a slow reader takes its time
   */
  void tell(boolean evenIfEqual, BooleanSupplier goesOn) throws IOException {
    Iterator<Watched> each = tasks.iterator();
    while (each.hasNext() && goesOn.getAsBoolean()) {
      Watched watched = each.next();
      Update update = watched.subscription.poll(evenIfEqual);
      if (update != null && update.isBelieved() && watched.task.tell(update.answer())) {
        watched.subscription.close();
        each.remove();
      }
    }
  }

  /** Ends the subscriptions. */
  void close() {
    tasks.forEach(watched -> watched.subscription.close());
  }
}
