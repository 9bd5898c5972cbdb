package io.github.videoquery.cache;

import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.caffeine.CaffeineCache;

/** The entries of this replica, in Spring's cache {@code tasks}, which Caffeine bounds by bytes. */
final class TaskStore {
  private final CaffeineCache cache;
  private final BodyMemory memory;

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

  void put(TaskQuery query, CacheEntry entry) {
    cache.put(query, entry);
  }

  /** Returns whether there was an entry. */
  boolean evict(TaskQuery query) {
    return cache.evictIfPresent(query);
  }

  /** The queries about a task that have an entry. */
  List<TaskQuery> queries(TaskId id) {
    return cache.getNativeCache().asMap().keySet().stream()
        .map(TaskQuery.class::cast)
        .filter(query -> query.id().equals(id))
        .toList();
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
