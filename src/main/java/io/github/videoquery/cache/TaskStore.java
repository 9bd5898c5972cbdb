package io.github.videoquery.cache;

import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.caffeine.CaffeineCache;

/** The entries of this replica, in Spring's cache {@code tasks}, which Caffeine bounds by bytes. */
final class TaskStore {
  private final CaffeineCache cache;
  private final BodyMemory memory;
  private final ForgottenTasks forgotten = new ForgottenTasks();

  TaskStore(CaffeineCache cache, BodyMemory memory) {
    this.cache = cache;
    this.memory = memory;
  }

  /** The entry, fresh or stale; counted as a hit or a miss of the cache. */
  @Nullable CacheEntry get(TaskQuery query) {
    return cache.get(query, CacheEntry.class);
  }

  /** The same for a query that has been counted once. */
  @Nullable CacheEntry peek(TaskQuery query) {
    return (CacheEntry) cache.getNativeCache().policy().getIfPresentQuietly(query);
  }

  /**
   * Stores an entry, unless its task was forgotten after the call began.
   *
   * @return whether it was stored
   */
  boolean put(TaskQuery query, CacheEntry entry, long began) {
    cache.put(query, entry);
    boolean isForgotten = forgotten.isForgottenSince(query.id(), began);
    if (isForgotten) { // looked at afterwards: it may be forgotten at this moment
      cache.evict(query);
    }
    return !isForgotten;
  }

  /** The same for an entry of another replica, if there is one; null if it was not stored. */
  @Nullable CacheEntry putCopy(TaskQuery query, @Nullable CacheEntry entry, long now) {
    return entry != null
            && !forgotten.isForgottenCopy(query.id(), now - entry.ageNanos(now), now)
            && put(query, entry, now)
        ? entry
        : null;
  }

  /** Removes all entries of a task, and those that calls under way bring. */
  List<TaskQuery> forget(TaskId id, long now) {
    return forget(ForgottenTasks.digest(id), now);
  }

  /** The same of a task that is known by its {@link ForgottenTasks#digest}. */
  List<TaskQuery> forget(String digest, long now) {
    forgotten.add(digest, now);
    List<TaskQuery> queries =
        queries().filter(query -> ForgottenTasks.digest(query.id()).equals(digest)).toList();
    queries.forEach(cache::evict);
    return queries;
  }

  /** The queries about a task that have an entry. */
  List<TaskQuery> queries(TaskId id) {
    return queries().filter(query -> query.id().equals(id)).toList();
  }

  private Stream<TaskQuery> queries() {
    return cache.getNativeCache().asMap().keySet().stream().map(TaskQuery.class::cast);
  }

  /**
   * The entry's body compressed by gzip: once, and then kept beside it. Null if there is no memory
   * to compress it in.
   */
  byte @Nullable [] gzip(TaskQuery query, CacheEntry entry) {
    GzipBody gzip = Objects.requireNonNull(entry.gzip());
    if (gzip.isMade()) {
      return gzip.kept();
    }
    long room = gzip.roomToCompress();
    if (!memory.tryTake(room)) {
      return null;
    }
    try {
      byte[] compressed = gzip.kept();
      cache.getNativeCache().asMap().replace(query, entry, entry); // weighs it anew
      return compressed;
    } finally {
      memory.giveBack(room);
    }
  }
}
