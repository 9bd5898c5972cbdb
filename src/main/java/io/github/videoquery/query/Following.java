package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.cache.TaskCache.Pending;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.NotFound;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What one waiter learns of a task, one answer after the other. */
final class Following {
  /** One "not found" is no proof for a young task; the third in a row is believed. */
  private static final int NOT_FOUND_BELIEVED = 3;

  /** Where answers are not fresh for any time, {@code gateway.cache.unfinished-ttl} being 0. */
  private static final long SHORTEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  /** So often a waiter looks up from a slow call: heartbeats, its deadline, the service's end. */
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(250);

  private final TaskQuery query;
  private final TaskCache tasks;
  private @Nullable Pending asked;
  private int notFound;
  private long pauseNanos;

  Following(TaskQuery query, TaskCache tasks) {
    this.query = query;
    this.tasks = tasks;
  }

  /** The latest answer, or null if it does not come at once: then ask again. */
  @Nullable Answer next() {
    Pending pending = asked != null ? asked : tasks.latestForWaiter(query);
    try {
      Answer answer = pending.get(PATIENCE);
      asked = null;
      notFound = answer.snapshot().reply() instanceof NotFound ? notFound + 1 : 0;
      pauseNanos = answer.pauseNanos() > 0 ? answer.pauseNanos() : SHORTEST_PAUSE;
      return answer;
    } catch (TimeoutException slow) {
      asked = pending;
      return null;
    } catch (ExecutionException defect) {
      throw new IllegalStateException(defect.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Whether the latest answer may be told. */
  boolean isBelieved() {
    return notFound == 0 || notFound >= NOT_FOUND_BELIEVED;
  }

  /** Nanoseconds after which there can be another answer. */
  long pauseNanos() {
    return pauseNanos;
  }
}
