package io.github.videoquery.cache;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.ZSetOperations.TypedTuple;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * Forgets a task on all replicas. It is announced in a sorted set, by the time of Redis, which each
 * replica reads every 400 ms. So a replica that was cut off from Redis hears of it later, which it
 * would not by a message. Until all have heard, {@link RedisCache} stores nothing of the task.
 */
final class RedisForgotten implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisForgotten.class);
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** As long as a finished task can be kept by default. */
  private static final Duration KEPT = Duration.ofHours(36);

  private static final RedisScript<Boolean> ANNOUNCE =
      RedisScript.of(
          """
          local t = redis.call('time')
          local now = t[1] * 1000 + math.floor(t[2] / 1000)
          redis.call('zadd', KEYS[1], now, ARGV[1])
          redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2])
          redis.call('pexpire', KEYS[1], ARGV[2])
          return 1
          """,
          Boolean.class);

  private final RedisOperations operations;
  private final String key;
  private final TaskStore store;
  private final SharedCache shared;
  private final TaskFeeds feeds;
  private final TimeSource time;
  private final Set<String> heard = new HashSet<>();
  private final Thread thread;
  private double latest;
  private volatile boolean running = true;

  RedisForgotten(
      RedisOperations operations,
      RedisKeys keys,
      TaskStore store,
      SharedCache shared,
      TaskFeeds feeds,
      TimeSource time) {
    this.operations = operations;
    this.key = keys.announcements();
    this.store = store;
    this.shared = shared;
    this.feeds = feeds;
    this.time = time;
    this.thread = Thread.ofVirtual().name("forgotten-tasks").unstarted(this::poll);
  }

  /** Announces a task by the digest of its id. */
  static @Nullable Boolean announce(RedisOperations operations, RedisKeys keys, String digest) {
    return operations.execute(
        ANNOUNCE,
        List.of(keys.announcements()),
        digest.getBytes(StandardCharsets.US_ASCII),
        Long.toString(KEPT.toMillis()).getBytes(StandardCharsets.US_ASCII));
  }

  RedisForgotten started() {
    thread.start();
    return this;
  }

  private void poll() {
    while (running) {
      try {
        obey();
      } catch (RuntimeException e) {
        log.debug("Announcements of forgotten tasks cannot be read; tried again", e);
      }
      time.parkUntil(this, time.nanoTime() + INTERVAL_NANOS);
    }
  }

  private void obey() {
    Set<TypedTuple<byte[]>> announced =
        operations.soon(
            RedisOperation.ANNOUNCEMENTS,
            key,
            new RedisTimeout(RedisTimeout.BACKGROUND),
            () ->
                operations
                    .redis()
                    .opsForZSet()
                    .rangeByScoreWithScores(key, latest, Double.POSITIVE_INFINITY));
    if (announced == null) {
      return;
    }
    double before = latest;
    for (TypedTuple<byte[]> one : announced) {
      String digest = new String(Objects.requireNonNull(one.getValue()), StandardCharsets.US_ASCII);
      double score = Objects.requireNonNull(one.getScore());
      if (heard.add(digest + '@' + score)) {
        forget(digest);
      }
      latest = Math.max(latest, score);
    }
    if (latest > before) {
      heard.removeIf(announcement -> !announcement.endsWith("@" + latest));
    }
  }

  private void forget(String digest) {
    for (TaskQuery query : store.forget(digest, time.nanoTime())) {
      shared.evict(query);
    }
    feeds.refreshNow(query -> ForgottenTasks.digest(query.id()).equals(digest));
  }

  @Override
  public void close() {
    running = false;
    thread.interrupt();
  }
}
