package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.NotFound;
import java.util.concurrent.TimeUnit;

/** What one waiter learns of a task, one answer after the other. */
final class Following {
  /** One "not found" is no proof for a young task; the third in a row is believed. */
  private static final int NOT_FOUND_BELIEVED = 3;

  /** Where answers are not fresh for any time, {@code gateway.cache.unfinished-ttl} being 0. */
  private static final long SHORTEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final TaskQuery query;
  private final Tasks tasks;
  private int notFound;
  private long pauseNanos;

  Following(TaskQuery query, Tasks tasks) {
    this.query = query;
    this.tasks = tasks;
  }

  /** The latest answer. Blocks until there is one. */
  Answer next() {
    Answer answer = tasks.latestForWaiter(query);
    notFound = answer.snapshot().reply() instanceof NotFound ? notFound + 1 : 0;
    pauseNanos = answer.pauseNanos() > 0 ? answer.pauseNanos() : SHORTEST_PAUSE;
    return answer;
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
