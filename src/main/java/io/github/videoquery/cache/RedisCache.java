package io.github.videoquery.cache;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * The shared cache in Redis: an entry for each query, and beside it, while a replica makes a call,
 * its lease. All keys of a task have a digest of its id as their hash tag, so they are in one slot
 * of a cluster, and no operation depends on another slot.
 */
final class RedisCache implements SharedCache {
  private static final Logger log = LoggerFactory.getLogger(RedisCache.class);
  private static final Duration DELETE_TIMEOUT = Duration.ofSeconds(1);

  /**
   * Nothing of a forgotten task is stored for this time. A call that was under way has ended by
   * then, at a replica that has not yet heard of it, too.
   */
  private static final Duration NOT_STORED_FOR = Duration.ofMinutes(1);

  /**
   * Stores nothing of a task that was just forgotten. A finished entry is replaced only by another
   * finished one.
   */
  private static final RedisScript<Boolean> STORE =
      RedisScript.of(
          String.format(
              Locale.ROOT,
              """
              if redis.call('exists', KEYS[2]) == 1 then return 0 end
              local kind = redis.call('getrange', KEYS[1], %1$d, %1$d)
              if kind == 'F' and string.sub(ARGV[1], %1$d + 1, %1$d + 1) ~= 'F' then return 0 end
              redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
              return 1
              """,
              StoredEntry.KIND_AT),
          Boolean.class);

  private final RedisOperations operations;
  private final RedisLeases leases;
  private final RedisKeys keys;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final RedisWarmUp warmUp;
  private final AtomicBoolean readsGarbage = new AtomicBoolean();

  RedisCache(RedisOperations operations, RedisKeys keys, TaskMetrics metrics, TimeSource time) {
    this.operations = operations;
    this.leases = new RedisLeases(operations, time);
    this.keys = keys;
    this.metrics = metrics;
    this.time = time;
    this.warmUp = new RedisWarmUp(operations.threads(), time);
  }

  /** Runs every operation of a query a few times: {@link RedisWarmUp}. */
  RedisCache started() {
    warmUp.run(this::warmUp);
    return this;
  }

  private void warmUp() {
    String mark = keys.mark(UUID.randomUUID().toString());
    leases.warmUp(mark);
    operations.redis().opsForValue().get(mark);
    operations.execute(STORE, List.of(mark, mark), new byte[] {1}, ascii(1));
  }

  @Override
  public Lease lease(
      TaskQuery query, @Nullable CacheEntry known, boolean isAwaited, Runnable answered) {
    var timeout =
        new RedisTimeout(
            isAwaited && !warmUp.isCold() ? RedisTimeout.QUERY : RedisTimeout.BACKGROUND);
    return leases.acquire(
        keys.lease(query),
        timeout,
        known,
        answered,
        () -> find(query, timeout),
        brought -> store(query, brought));
  }

  @Override
  public @Nullable CacheEntry find(TaskQuery query) {
    return find(query, new RedisTimeout(RedisTimeout.QUERY));
  }

  private @Nullable CacheEntry find(TaskQuery query, RedisTimeout timeout) {
    String key = keys.entry(query);
    byte[] stored = operations.soon(key, timeout, () -> operations.redis().opsForValue().get(key));
    if (stored == null) {
      return null;
    }
    try {
      StoredEntry read = StoredEntry.read(query, stored);
      readsGarbage.set(false);
      long age = Math.max(0, Duration.between(read.received(), time.instant()).toNanos());
      return new CacheEntry(
          read.reply(),
          metrics.model(query.id(), read.reply()),
          read.account(),
          read.history(),
          time.nanoTime() - age,
          read.lifetime());
    } catch (IOException e) {
      operations.readGarbage();
      if (readsGarbage.compareAndSet(false, true)) {
        log.warn("Redis holds an entry that the gateway cannot read; it is ignored and replaced");
      }
      return null;
    }
  }

  @Override
  public @Nullable Boolean evict(TaskQuery query) {
    return operations
        .threads()
        .within(DELETE_TIMEOUT, () -> operations.redis().delete(keys.entry(query)));
  }

  @Override
  public boolean announceForgotten(TaskId id) {
    Boolean isAnnounced =
        operations
            .threads()
            .within(
                DELETE_TIMEOUT,
                () -> {
                  byte[] mark = {1};
                  operations.redis().opsForValue().set(keys.mark(id), mark, NOT_STORED_FOR);
                  return RedisForgotten.announce(operations, keys, ForgottenTasks.digest(id));
                });
    return Boolean.TRUE.equals(isAnnounced);
  }

  private void store(TaskQuery query, CacheEntry entry) {
    long now = time.nanoTime();
    Duration left = Duration.ofNanos(entry.keptNanos() - entry.ageNanos(now));
    if (left.toMillis() > 0) {
      byte[] stored = StoredEntry.write(query, entry, now, time.instant());
      List<String> both = List.of(keys.entry(query), keys.mark(query.id()));
      operations.write(
          both.getFirst(), () -> operations.execute(STORE, both, stored, ascii(left.toMillis())));
    }
  }

  private static byte[] ascii(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }
}
