package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Update;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The tasks of an event stream that are not over, each with its subscription to a feed. */
final class WatchedTasks {
  private final List<Watched> tasks = new ArrayList<>(1);
  private final List<Body> reserved = new ArrayList<>(0);
  private final BodyMemory memory;

  WatchedTasks(BodyMemory memory) {
    this.memory = memory;
  }

  private record Watched(TaskEventStream task, Subscription subscription) {
    /** The answer that is to be told; null if there is none. */
    @Nullable Answer toBeTold() {
      Update latest = subscription.peek();
      return latest != null && latest.isBelieved() && task.isToBeTold(latest.answer())
          ? latest.answer()
          : null;
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

  /** Whether {@link #tell} has something to send, or will meet a defect. */
  boolean areToBeTold() {
    try {
      return tasks.stream().anyMatch(watched -> watched.toBeTold() != null);
    } catch (IllegalStateException defect) {
      return true;
    }
  }

  /**
   * Counts large answers that are to be told as being written from now on, because the thread that
   * tells them may begin late. {@link #tell} and {@link #close} end that.
   */
  void reserve() {
    try {
      for (Watched watched : tasks) {
        Answer answer = watched.toBeTold();
        if (answer != null
            && answer.entry().reply() instanceof Known known
            && BodyMemory.isCounted(known.body())) {
          memory.beginWriting(known.body());
          reserved.add(known.body());
        }
      }
    } catch (IllegalStateException defect) {
      // tell() will meet it
    }
  }

  private void release() {
    reserved.forEach(memory::endWriting);
    reserved.clear();
  }

  /**
   * Sends what there is about each task. Those that end are no longer watched.
   *
   * @param evenIfEqual whether an answer counts that tells the same as the one before
   * @param goesOn asked before each task, since a slow reader takes its time
   */
  void tell(boolean evenIfEqual, BooleanSupplier goesOn) throws IOException {
    try {
      Iterator<Watched> each = tasks.iterator();
      while (each.hasNext() && goesOn.getAsBoolean()) {
        Watched watched = each.next();
        Update update = watched.subscription.poll(evenIfEqual);
        if (update != null && update.isBelieved() && watched.task.tell(update.answer())) {
          watched.subscription.close();
          each.remove();
        }
      }
    } finally {
      release();
    }
  }

  /** Ends the subscriptions. */
  void close() {
    tasks.forEach(watched -> watched.subscription.close());
    release();
  }
}
