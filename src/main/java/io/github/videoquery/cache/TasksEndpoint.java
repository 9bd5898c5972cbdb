package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@code /actuator/tasks?id=…} on the management port: shows the entries of one task, without
 * bodies, and evicts them here, in the shared cache and, by way of it, on the other replicas.
 */
@Endpoint(id = "tasks")
final class TasksEndpoint {
  private final TaskStore store;
  private final SharedCache shared;
  private final TaskFeeds feeds;
  private final TimeSource time;

  TasksEndpoint(TaskStore store, SharedCache shared, TaskFeeds feeds, TimeSource time) {
    this.store = store;
    this.shared = shared;
    this.feeds = feeds;
    this.time = time;
  }

  /**
   * The entry of one query.
   *
   * @param parameters the forwarded parameters
   * @param memory {@code here}, or {@code shared} by all replicas
   * @param freshSeconds until the entry is stale; negative once it is
   * @param usableSeconds until it can no longer be served stale
   */
  record Remembered(
      String parameters,
      String memory,
      String kind,
      @Nullable String status,
      @Nullable String account,
      Instant firstSeen,
      long ageSeconds,
      long freshSeconds,
      long usableSeconds,
      int bytes) {}

  record Description(String id, List<Remembered> remembered) {}

  /**
   * @param shared null if Redis does not answer: then ask again; with it the other replicas forget
   *     the task within a second
   */
  record Forgotten(String id, int here, @Nullable Integer shared) {}

  /**
   * @param parameters of the query, encoded ({@code model=veo3}); needed if this replica has no
   *     entry for it
   */
  @ReadOperation
  Description show(String id, @Nullable String parameters) {
    return new Description(
        id,
        queries(id, parameters).stream()
            .flatMap(
                query ->
                    Stream.of(
                            described(query, "here", store.peek(query)),
                            described(query, "shared", shared.find(query)))
                        .flatMap(Stream::ofNullable))
            .toList());
  }

  @DeleteOperation
  Forgotten forget(String id, @Nullable String parameters) {
    Set<TaskQuery> queries = queries(id, parameters);
    TaskId task = queries.iterator().next().id();
    boolean isAnswered = shared.announceForgotten(task);
    int here = store.forget(task, time.nanoTime()).size();
    int inShared = 0;
    for (TaskQuery query : queries) {
      Boolean forgotten = shared.evict(query);
      isAnswered &= forgotten != null;
      inShared += Boolean.TRUE.equals(forgotten) ? 1 : 0;
      feeds.refreshNow(query);
    }
    return new Forgotten(id, here, isAnswered ? inShared : null);
  }

  private Set<TaskQuery> queries(String id, @Nullable String parameters) {
    try {
      TaskId task = new TaskId(id);
      Set<TaskQuery> queries = new LinkedHashSet<>(store.queries(task));
      queries.add(new TaskQuery(task, parameters == null ? "" : parameters));
      return queries;
    } catch (IllegalArgumentException e) {
      throw new InvalidEndpointRequestException("Bad id", String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Remembered described(
      TaskQuery query, String memory, @Nullable CacheEntry entry) {
    if (entry == null) {
      return null;
    }
    long age = Duration.ofNanos(entry.ageNanos(time.nanoTime())).toSeconds();
    return new Remembered(
        query.parameters(),
        memory,
        switch (entry.reply()) {
          case Finished _ -> "finished";
          case Failed _ -> "failed";
          case NotFound _ -> "not-found";
          default -> entry.isEnded() ? "settled" : "unfinished";
        },
        entry.reply() instanceof Known known ? known.status() : null,
        entry.account(),
        entry.firstSeen(),
        age,
        entry.freshNanos() / 1_000_000_000 - age,
        entry.usableNanos() / 1_000_000_000 - age,
        entry.reply() instanceof Known known ? known.body().length() : 0);
  }
}
