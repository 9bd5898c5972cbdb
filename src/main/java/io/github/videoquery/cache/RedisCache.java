package io.github.videoquery.cache;

import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * The shared cache in Redis: an entry for each query, named by a digest of it, that expires when it
 * is gone, and beside it, while a replica makes a call, its lease. Each operation touches one
 * entry, so a cluster will do.
 */
final class RedisCache implements SharedCache {
  private static final Logger log = LoggerFactory.getLogger(RedisCache.class);
  private static final Duration DELETE_TIMEOUT = Duration.ofSeconds(1);

  /** A finished entry is replaced only by another finished one. */
  private static final RedisScript<Boolean> STORE =
      RedisScript.of(
          String.format(
              Locale.ROOT,
              """
              local kind = redis.call('getrange', KEYS[1], %1$d, %1$d)
              if kind == 'F' and string.sub(ARGV[1], %1$d + 1, %1$d + 1) ~= 'F' then return 0 end
              redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
              return 1
              """,
              StoredEntry.KIND_AT),
          Boolean.class);

  private final RedisOperations operations;
  private final RedisLeases leases;
  private final String commonPrefix;
  private final String keyPrefix;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final RedisWarmUp warmUp;
  private final AtomicBoolean readsGarbage = new AtomicBoolean();

  RedisCache(RedisOperations operations, String keyPrefix, TaskMetrics metrics, TimeSource time) {
    this.operations = operations;
    this.leases = new RedisLeases(operations, time);
    this.commonPrefix = keyPrefix;
    this.keyPrefix = keyPrefix + StoredEntry.VERSION + ":";
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
    String key = keyPrefix + UUID.randomUUID();
    leases.warmUp(key);
    operations.redis().opsForValue().get(key);
    operations.execute(STORE, key, new byte[] {1}, ascii(1));
  }

  @Override
  public Lease lease(
      TaskQuery query, @Nullable CacheEntry known, boolean isAwaited, Runnable answered) {
    var timeout =
        new RedisTimeout(
            isAwaited && !warmUp.isCold() ? RedisTimeout.QUERY : RedisTimeout.BACKGROUND);
    return leases.acquire(
        key(query) + ":lease",
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
    String key = key(query);
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
    return operations.threads().within(DELETE_TIMEOUT, () -> operations.redis().delete(key(query)));
  }

  @Override
  public boolean announceForgotten(TaskId id) {
    return RedisForgotten.announce(operations, commonPrefix, ForgottenTasks.digest(id));
  }

  private void store(TaskQuery query, CacheEntry entry) {
    long now = time.nanoTime();
    Duration left = Duration.ofNanos(entry.keptNanos() - entry.ageNanos(now));
    if (left.toMillis() > 0 && operations.knowsAnnouncements()) {
      byte[] stored = StoredEntry.write(query, entry, now, time.instant());
      String key = key(query);
      operations.write(key, () -> operations.execute(STORE, key, stored, ascii(left.toMillis())));
    }
  }

  /** A name of bounded length, with a hash tag so that an entry and its lease are neighbours. */
  private String key(TaskQuery query) {
    byte[] digest = Sha256.of(StoredEntry.name(query));
    return keyPrefix + '{' + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + '}';
  }

  private static byte[] ascii(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }
}
