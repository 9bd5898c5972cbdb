package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A cache of all replicas, in memory. */
final class FakeSharedCache implements SharedCache {
  /** What the lease brings, and {@link #find}. */
  @Nullable CacheEntry found;

  /** What was brought at the end of each lease; a null is kept, too. */
  final List<@Nullable CacheEntry> brought = new ArrayList<>();

  final List<@Nullable CacheEntry> knownAtLease = new ArrayList<>();
  int finds;

  /** Runs before the lease is answered; may block. */
  Runnable answers = () -> {};

  /** Runs when a lease ends. */
  Runnable ends = () -> {};

  /** For each lease, whether a caller had nothing but its call. */
  final List<Boolean> awaited = new ArrayList<>();

  @Nullable Boolean evicts = true;
  boolean announces = true;
  final List<TaskId> announced = new ArrayList<>();

  @Override
  public Lease lease(
      TaskQuery query, @Nullable CacheEntry known, boolean isAwaited, Runnable answered) {
    answers.run();
    answered.run();
    knownAtLease.add(known);
    awaited.add(isAwaited);
    return new Lease(
        found,
        entry -> {
          brought.add(entry);
          ends.run();
        });
  }

  @Override
  public @Nullable CacheEntry find(TaskQuery query) {
    finds++;
    return found;
  }

  @Override
  public @Nullable Boolean evict(TaskQuery query) {
    return evicts;
  }

  @Override
  public boolean announceForgotten(TaskId id) {
    announced.add(id);
    return announces;
  }
}
