package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The cache that all replicas share. If it fails, it acts as if it were empty, with a delay of at
 * most {@value #LONGEST_DELAY_MILLIS} ms.
 */
interface SharedCache {
  int LONGEST_DELAY_MILLIS = 50;
  long LONGEST_DELAY_NANOS = LONGEST_DELAY_MILLIS * 1_000_000L;

  /** Holds nothing, and gives everyone the lease. */
  SharedCache NONE =
      new SharedCache() {
        @Override
        public Lease lease(
            TaskQuery query, @Nullable CacheEntry known, boolean isAwaited, Runnable answered) {
          answered.run();
          return new Lease(null, _ -> {});
        }

        @Override
        public @Nullable CacheEntry find(TaskQuery query) {
          return null;
        }

        @Override
        public Boolean evict(TaskQuery query) {
          return false;
        }

        @Override
        public boolean announceForgotten(TaskId id) {
          return true;
        }
      };

  /**
   * The right to make the call for all replicas, or the entry that another replica stored
   * meanwhile. Waits while another replica makes the call; one that crashed holds the lease for at
   * most 5 s.
   *
   * @param known this replica's entry, which is not fresh; null if there is none
   * @param isAwaited whether a caller waits: then a Redis that fails delays it by {@value
   *     #LONGEST_DELAY_MILLIS} ms at most, else by 500 ms
   * @param answered run once it is known who has the lease, or that this cannot be known
   */
  Lease lease(TaskQuery query, @Nullable CacheEntry known, boolean isAwaited, Runnable answered);

  /** The entry, fresh or stale. */
  @Nullable CacheEntry find(TaskQuery query);

  /** The shared entry, if it is newer than this replica's. */
  static @Nullable CacheEntry newer(
      @Nullable CacheEntry found, @Nullable CacheEntry known, TimeSource time) {
    long now = time.nanoTime();
    return found == null || (known != null && known.ageNanos(now) <= found.ageNanos(now))
        ? null
        : found;
  }

  /**
   * Evicts the entry; takes at most one second. Not stopped by an open breaker.
   *
   * @return whether there was an entry; null if Redis did not answer
   */
  @Nullable Boolean evict(TaskQuery query);

  /**
   * Tells the other replicas to forget a task; takes at most one second. Not stopped by an open
   * breaker.
   *
   * @return whether they will hear of it
   */
  boolean announceForgotten(TaskId id);

  /**
   * @param found the shared entry, if it is newer than this replica's
   * @param end gives the lease back
   */
  record Lease(@Nullable CacheEntry found, End end) {}

  /** What ends a lease. */
  interface End {
    /**
     * Without blocking.
     *
     * @param brought the entry to store for all replicas; null for none
     */
    void with(@Nullable CacheEntry brought);
  }
}
