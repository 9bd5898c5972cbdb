package io.github.videoquery.cache;

import io.github.videoquery.cache.SharedCache.Lease;
import io.github.videoquery.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * The leases in Redis: one for each entry, held by one replica at a time for 5 s at most. A replica
 * that does not get it waits for the holder's entry.
 */
final class RedisLeases {
  private static final Logger log = LoggerFactory.getLogger(RedisLeases.class);
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final byte[] LEASE_MILLIS =
      Long.toString(LEASE.toMillis()).getBytes(StandardCharsets.US_ASCII);
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 100;

  /** A clock adjustment can make a copy of an entry look newer than the original. */
  private static final long NEWER_BY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A lease that never expires, or expires too late, is not ours, and is replaced. */
  private static final RedisScript<Boolean> ACQUIRE =
      RedisScript.of(
          """
          if redis.call('set', KEYS[1], ARGV[1], 'nx', 'px', ARGV[2]) then return 1 end
          local left = redis.call('pttl', KEYS[1])
          if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
          redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
          return 1
          """,
          Boolean.class);

  private static final RedisScript<Boolean> RELEASE =
      RedisScript.of(
          "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1",
          Boolean.class);

  private final RedisOperations operations;
  private final TimeSource time;

  RedisLeases(RedisOperations operations, TimeSource time) {
    this.operations = operations;
    this.time = time;
  }

  /** Runs the operations of a lease once. */
  void warmUp(String key) {
    byte[] token = {1};
    operations.execute(ACQUIRE, List.of(key), token, LEASE_MILLIS);
    operations.execute(RELEASE, List.of(key), token);
  }

  /**
   * Acquires the lease, or waits for its holder: at most for as long as a lease lasts.
   *
   * @param timeout for each operation on the way
   * @param known what this replica has
   * @param answered run once Redis has answered, or failed
   * @param find looks for what the replicas have
   * @param store stores what the call brings
   */
  Lease acquire(
      String key,
      RedisTimeout timeout,
      @Nullable CacheEntry known,
      Runnable answered,
      Supplier<@Nullable CacheEntry> find,
      Consumer<CacheEntry> store) {
    byte[] token = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    long start = time.nanoTime();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      Boolean isMine =
          operations.soon(
              RedisOperation.WRITE,
              key,
              timeout,
              () -> operations.execute(ACQUIRE, List.of(key), token, LEASE_MILLIS));
      answered.run();
      CacheEntry found = isMine == null ? null : newer(find.get(), known);
      boolean isAnswered = found != null && found.isFresh(time.nanoTime(), time);
      boolean isLate = time.nanoTime() - start >= LEASE.toNanos();
      if (isMine == null || isMine || isAnswered || isLate || !paused(pause)) {
        // after a timeout, the lease may be ours nevertheless: so it is released
        byte[] mine = Boolean.FALSE.equals(isMine) ? null : token;
        return new Lease(found, brought -> end(key, mine, brought, store));
      }
      timeout.waitForHolder();
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private @Nullable CacheEntry newer(@Nullable CacheEntry found, @Nullable CacheEntry known) {
    long now = time.nanoTime();
    boolean isNewer =
        found != null
            && (known == null || found.ageNanos(now) + NEWER_BY_NANOS < known.ageNanos(now));
    return isNewer ? found : null;
  }

  private void end(
      String key,
      byte @Nullable [] token,
      @Nullable CacheEntry brought,
      Consumer<CacheEntry> store) {
    if (brought == null && token == null) {
      return;
    }
    operations
        .threads()
        .later(
            () -> {
              if (brought != null) {
                store.accept(brought);
              }
              if (token != null) {
                release(key, token);
              }
            });
  }

  /** Even while the breaker is open: a lease that is not released blocks other replicas. */
  private void release(String key, byte[] token) {
    try {
      operations.execute(RELEASE, List.of(key), token);
    } catch (RuntimeException trouble) {
      log.debug("Redis", trouble);
    }
  }

  private boolean paused(long millis) {
    long until = time.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (until - time.nanoTime() > 0 && !Thread.currentThread().isInterrupted()) {
      time.parkUntil(this, until);
    }
    return !Thread.currentThread().isInterrupted();
  }
}
