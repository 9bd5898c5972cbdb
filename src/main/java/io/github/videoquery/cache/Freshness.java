package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides how long each kind of reply is fresh, and how long it may be served stale. */
final class Freshness {
  private static final Duration FINISHED_AT_LEAST = Duration.ofSeconds(60);

  private static final Lifetime FAILED =
      new Lifetime(Duration.ofSeconds(60), Duration.ofMinutes(11));
  private static final Lifetime NOT_FOUND =
      new Lifetime(Duration.ofSeconds(2), Duration.ofSeconds(2));

  /** An answer that was stale for a minute can be served while the provider hangs for another. */
  private static final Duration UNFINISHED_USABLE = Duration.ofMinutes(2);

  private static final Duration YOUNG = Duration.ofSeconds(20);
  private static final Duration OLD = Duration.ofMinutes(10);
  private static final Duration OLDEST_AT_FIRST_SIGHT = Duration.ofHours(1);

  private final Duration finishedTtl;
  private final @Nullable Duration unfinishedTtl;
  private final Duration staleIfError;

  Freshness(CacheProperties properties) {
    this.finishedTtl = properties.finishedTtl();
    this.unfinishedTtl = properties.unfinishedTtl();
    this.staleIfError = properties.staleIfError();
  }

  /**
   * @param history with this reply
   */
  Lifetime of(TaskReply reply, TaskId id, History history, Instant now) {
    return switch (reply) {
      case Finished finished -> finished(finished, id, now);
      case Failed _ -> FAILED;
      case Unfinished _ when history.isSettled() -> FAILED;
      case Unfinished _ -> {
        Duration fresh =
            unfinishedTtl != null ? unfinishedTtl : interval(age(id, history.firstSeen(), now));
        yield new Lifetime(fresh, fresh.plus(UNFINISHED_USABLE));
      }
      case NotFound _ -> NOT_FOUND;
      case Refused _, Unreachable _ -> Lifetime.NONE;
    };
  }

  private Lifetime finished(Finished finished, TaskId id, Instant now) {
    Duration sinceCompleted = Duration.between(completed(finished, id, now), now);
    Duration fresh = max(finishedTtl.minus(sinceCompleted), FINISHED_AT_LEAST);
    Instant linkExpires = finished.linkExpiresAt();
    if (linkExpires == null) {
      return new Lifetime(fresh, fresh.plus(staleIfError));
    }
    Duration linkLife = Duration.between(now, linkExpires);
    if (!linkLife.isPositive()) { // already expired: cached for a minute, to save calls
      return new Lifetime(FINISHED_AT_LEAST, FINISHED_AT_LEAST);
    }
    fresh = min(fresh, max(linkLife.minus(Lifetime.LINK_MARGIN), Duration.ZERO));
    return new Lifetime(fresh, min(fresh.plus(staleIfError), linkLife), linkExpires);
  }

  /** When the task was completed, as the provider says; now, if that time is impossible. */
  private static Instant completed(Finished finished, TaskId id, Instant now) {
    Instant created =
        finished.createdAt() != null ? finished.createdAt() : id.createdAt().orElse(Instant.MIN);
    Instant completed = finished.completedAt();
    return completed == null || completed.isBefore(created) || completed.isAfter(now)
        ? now
        : completed;
  }

  /** The one schedule: how long an unfinished answer stays fresh, by the task's age. */
  static Duration interval(Duration age) {
    if (age.compareTo(YOUNG) < 0) {
      return Duration.ofSeconds(2);
    }
    return Duration.ofSeconds(age.compareTo(OLD) <= 0 ? 5 : 10);
  }

  /**
   * The age by the id's creation time, limited to between the time since the first reply and one
   * hour more, because a client can put any time into an id.
   */
  static Duration age(TaskId id, Instant firstSeen, Instant now) {
    Instant oldest = firstSeen.minus(OLDEST_AT_FIRST_SIGHT);
    Instant created = id.createdAt().orElse(firstSeen);
    Instant start =
        created.isBefore(oldest) ? oldest : created.isAfter(firstSeen) ? firstSeen : created;
    return Duration.between(start, now);
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
