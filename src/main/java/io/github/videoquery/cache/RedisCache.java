package io.github.videoquery.cache;

import io.github.videoquery.task.Sha256;
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
final class RedisCache implements SharedCache, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisCache.class);
  private static final Duration DELETE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(2);
  private static final int WARM_UPS = 5;

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
  private final String keyPrefix;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final AtomicBoolean readsGarbage = new AtomicBoolean();

  RedisCache(RedisOperations operations, String keyPrefix, TaskMetrics metrics, TimeSource time) {
    this.operations = operations;
    this.leases = new RedisLeases(operations, time);
    this.keyPrefix = keyPrefix + StoredEntry.VERSION + ":";
    this.metrics = metrics;
    this.time = time;
  }

  /**
   * Connects, and runs every operation of a query a few times, so that the first query is not slow.
   * A Redis that cannot be reached, or is slow, delays the start by two seconds at most.
   */
  RedisCache started() {
    var _ =
        operations.within(
            START_TIMEOUT,
            () -> {
              for (int i = 0; i < WARM_UPS; i++) {
                warmUp();
              }
              return null;
            });
    return this;
  }

  private void warmUp() {
    String key = keyPrefix + UUID.randomUUID();
    leases.warmUp(key);
    operations.redis().opsForValue().get(key);
    operations.execute(STORE, key, new byte[] {1}, ascii(1));
  }

  @Override
  public Lease lease(TaskQuery query, @Nullable CacheEntry known) {
    return leases.acquire(
        key(query) + ":lease", known, () -> find(query), brought -> store(query, brought));
  }

  @Override
  public @Nullable CacheEntry find(TaskQuery query) {
    byte[] stored = operations.soon(() -> operations.redis().opsForValue().get(key(query)));
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
    return operations.within(DELETE_TIMEOUT, () -> operations.redis().delete(key(query)));
  }

  @Override
  public void close() {
    operations.close();
  }

  private void store(TaskQuery query, CacheEntry entry) {
    long now = time.nanoTime();
    Duration left = Duration.ofNanos(entry.keptNanos() - entry.ageNanos(now));
    if (left.toMillis() > 0) {
      byte[] stored = StoredEntry.write(query, entry, now, time.instant());
      operations.now(() -> operations.execute(STORE, key(query), stored, ascii(left.toMillis())));
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
