package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What earlier replies about a task still mean. Some finished tasks never get a link: they were
 * moderated, or their video is fetched by another path. Such a task is <em>settled</em> two minutes
 * after its first reply without a link.
 *
 * @param firstSeen when this gateway first had a reply about the task
 * @param unlinkedSince since when the task is finished and lacks its link; null if it is not so
 * @param isSettled whether that was two minutes before the last reply came
 */
record History(Instant firstSeen, @Nullable Instant unlinkedSince, boolean isSettled) {
  private static final Duration SETTLES_AFTER = Duration.ofMinutes(2);

  /** No provider of this kind existed before: an earlier time in an id is another number. */
  private static final Instant EARLIEST_TASK = Instant.parse("2015-01-01T00:00:00Z");

  /** An entry that has such a history is kept so long, so that slow pollers agree, too. */
  static final Duration KEPT = Duration.ofMinutes(15);

  /** That of a task's first reply. */
  static History first(Instant now) {
    return new History(now, null, false);
  }

  /**
   * The age of its task by the id's creation time, however old it was at first sight; by the first
   * reply, if the id holds no time that is possible.
   */
  Duration age(TaskId id, Instant now) {
    Instant created = id.createdAt().orElse(firstSeen);
    boolean isPossible = !created.isAfter(firstSeen) && !created.isBefore(EARLIEST_TASK);
    return Duration.between(isPossible ? created : firstSeen, now);
  }

  /** After one more reply about this task. */
  History after(TaskReply reply, TaskId id, Instant now) {
    if (reply instanceof NotFound) { // one is no proof
      return new History(firstSeen, unlinkedSince, false);
    }
    if (!(reply instanceof Unfinished unfinished) || !unfinished.lacksLink()) {
      return new History(firstSeen, null, false);
    }
    Instant completed = unfinished.completedAt();
    Instant known = unlinkedSince != null ? unlinkedSince : now;
    Instant created = id.createdAt().orElse(Instant.MIN); // a time without its zone can be earlier
    Instant since =
        completed != null && completed.isBefore(now) && !completed.isBefore(created)
            ? completed
            : known;
    return new History(firstSeen, since, !now.isBefore(since.plus(SETTLES_AFTER)));
  }
}
