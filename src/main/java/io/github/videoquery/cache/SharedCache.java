package io.github.videoquery.cache;

import io.github.videoquery.task.TaskQuery;
import org.jspecify.annotations.Nullable;

/**
 * What all replicas remember together. Any trouble with it is as if it remembered nothing, at most
 * {@value #LONGEST_DELAY_MILLIS} ms later.
 */
interface SharedCache {
  int LONGEST_DELAY_MILLIS = 50;

  /** Remembers nothing and lets everybody ask. */
  SharedCache NONE =
      new SharedCache() {
        @Override
        public Lease lease(TaskQuery query, @Nullable CacheEntry known) {
          return new Lease(null, _ -> {});
        }

        @Override
        public @Nullable CacheEntry find(TaskQuery query) {
          return null;
        }

        @Override
        public Boolean forget(TaskQuery query) {
          return false;
        }
      };

  /**
   * The right to ask the provider about a task in the name of all replicas, or what another one
   * brought meanwhile. Waits while another one asks; one that is lost holds it for 5 s at most.
   *
   * @param known what this replica remembers: no longer fresh
   */
  Lease lease(TaskQuery query, @Nullable CacheEntry known);

  /** What is remembered, fresh or not. */
  @Nullable CacheEntry find(TaskQuery query);

  /**
   * Forgets within a second, whatever trouble there was before.
   *
   * @return whether something was remembered; null if that could not be found out
   */
  @Nullable Boolean forget(TaskQuery query);

  /**
   * @param found what the replicas remember, if that is newer than what this one did
   * @param end gives the lease back
   */
  record Lease(@Nullable CacheEntry found, End end) {}

  /** What ends a lease. */
  interface End {
    /**
     * Without blocking.
     *
     * @param brought what is to be remembered by all; null for nothing
     */
    void with(@Nullable CacheEntry brought);
  }
}
