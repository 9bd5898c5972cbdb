package io.github.videoquery.cache;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.data.redis.serializer.RedisSerializer;

/**
 * The shared memory in Redis: an entry for each task, named by a digest of the question, that
 * expires when it is no longer usable, and beside it, while a replica asks, its lease. Each
 * operation touches one entry, so a cluster will do.
 *
 * <p>A Redis that keeps failing is left alone for some seconds, as {@link CircuitBreaker} has it.
 */
final class RedisCache implements SharedCache, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisCache.class);

  /** Two make up the delay that is allowed for. */
  private static final Duration PATIENCE = Duration.ofMillis(LONGEST_DELAY_MILLIS / 2);

  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final byte[] LEASE_MILLIS = ascii(LEASE.toMillis());
  private static final Duration LONGEST_FORGETTING = Duration.ofSeconds(1);
  private static final Duration LONGEST_START = Duration.ofSeconds(2);
  private static final int REHEARSALS = 5;
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 100;

  /** Clocks that are set on the way can make an entry look newer than what it is a copy of. */
  private static final long NEWER_BY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** One that never expires, or later than a lease does, is none of ours. */
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

  /** What is said of a task does not replace that it is finished. */
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

  private final RedisTemplate<String, byte[]> redis;
  private final String keyPrefix;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private final CircuitBreaker breaker;
  private final MeterProvider<Timer> requests;
  private final AtomicBoolean readsGarbage = new AtomicBoolean();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("redis-", 0).factory());

  RedisCache(
      RedisConnectionFactory connections,
      String keyPrefix,
      TaskMetrics metrics,
      MeterRegistry registry,
      TimeSource time) {
    this.redis = new RedisTemplate<>();
    redis.setConnectionFactory(connections);
    redis.setKeySerializer(RedisSerializer.string());
    redis.setValueSerializer(RedisSerializer.byteArray());
    redis.afterPropertiesSet();
    this.keyPrefix = keyPrefix + StoredEntry.VERSION + ":";
    this.metrics = metrics;
    this.time = time;
    this.breaker =
        CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                .slidingWindow(10, 5, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(3))
                .permittedNumberOfCallsInHalfOpenState(2)
                .maxWaitDurationInHalfOpenState(Duration.ofSeconds(10))
                .build());
    breaker.getEventPublisher().onStateTransition(event -> log(event.getStateTransition()));
    Gauge.builder("gateway.redis.available", breaker, b -> b.getState() == State.CLOSED ? 1 : 0)
        .description("0 while Redis fails and the gateway goes on without it")
        .register(registry);
    this.requests =
        Timer.builder("gateway.redis.requests")
            .description("Operations of the shared memory")
            .withRegistry(registry);
  }

  /**
   * Connects, and goes through all that a question will ask for, some times, so that the first one
   * is not late. A Redis that cannot be reached, or is slow, delays the start by two seconds at
   * most.
   */
  RedisCache started() {
    Future<?> rehearsals =
        threads.submit(
            () -> {
              for (int i = 0; i < REHEARSALS; i++) {
                rehearse();
              }
            });
    try {
      rehearsals.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("Redis", e); // what follows will tell
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return this;
  }

  private void rehearse() {
    byte[] token = {1};
    String key = keyPrefix + UUID.randomUUID();
    redis.execute(ACQUIRE, List.of(key), token, LEASE_MILLIS);
    redis.opsForValue().get(key);
    redis.execute(STORE, List.of(key), token, LEASE_MILLIS);
    redis.execute(RELEASE, List.of(key), token);
  }

  @Override
  public Lease lease(TaskQuery query, @Nullable CacheEntry known) {
    String lease = key(query) + ":lease";
    byte[] token = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
    long start = time.nanoTime();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      Boolean isMine = soon(() -> redis.execute(ACQUIRE, List.of(lease), token, LEASE_MILLIS));
      CacheEntry found = isMine == null ? null : newer(find(query), known);
      long waited = time.nanoTime() - start;
      boolean isAnswered = found != null && found.isFresh(time.nanoTime(), time);
      boolean isLate = waited >= LEASE.toNanos();
      if (isMine == null || isMine || isAnswered || isLate || !paused(pause)) {
        // one that came too late to be waited for may be ours yet
        byte[] mine = Boolean.FALSE.equals(isMine) ? null : token;
        return new Lease(found, brought -> end(query, lease, mine, brought));
      }
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  @Override
  public @Nullable CacheEntry find(TaskQuery query) {
    byte[] stored = soon(() -> redis.opsForValue().get(key(query)));
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
          read.firstSeen(),
          time.nanoTime() - age,
          read.lifetime());
    } catch (IOException e) {
      requests.withTag("outcome", "garbage").record(Duration.ZERO);
      if (readsGarbage.compareAndSet(false, true)) {
        log.warn("Redis holds what the gateway did not write; it is ignored and replaced");
      }
      return null;
    }
  }

  @Override
  public @Nullable Boolean forget(TaskQuery query) {
    try {
      return threads
          .submit(() -> redis.delete(key(query)))
          .get(LONGEST_FORGETTING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      log.debug("Redis", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  @Override
  public void close() {
    threads.close();
  }

  private @Nullable CacheEntry newer(@Nullable CacheEntry found, @Nullable CacheEntry known) {
    long now = time.nanoTime();
    boolean isNewer =
        found != null
            && (known == null || found.ageNanos(now) + NEWER_BY_NANOS < known.ageNanos(now));
    return isNewer ? found : null;
  }

  private void end(
      TaskQuery query, String lease, byte @Nullable [] token, @Nullable CacheEntry brought) {
    if (brought == null && token == null) {
      return;
    }
    try {
      threads.execute(
          () -> {
            if (brought != null) {
              store(query, brought);
            }
            if (token != null) {
              release(lease, token);
            }
          });
    } catch (RejectedExecutionException stopped) {
      log.debug("Redis", stopped);
    }
  }

  /** Even while Redis is left alone: a lease that stands keeps others from asking. */
  private void release(String lease, byte[] token) {
    try {
      redis.execute(RELEASE, List.of(lease), token);
    } catch (RuntimeException trouble) {
      log.debug("Redis", trouble);
    }
  }

  private void store(TaskQuery query, CacheEntry entry) {
    long now = time.nanoTime();
    Duration left = Duration.ofNanos(entry.usableNanos() - entry.ageNanos(now));
    if (left.toMillis() > 0) {
      byte[] stored = StoredEntry.write(query, entry, now, time.instant());
      now(() -> redis.execute(STORE, List.of(key(query)), stored, ascii(left.toMillis())));
    }
  }

  /** A name of bounded length, with a hash tag so that an entry and its lease are neighbours. */
  private String key(TaskQuery query) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(StoredEntry.name(query));
      return keyPrefix + '{' + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + '}';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The operation's result; null if Redis is left alone, fails, or takes too long. */
  private <T> @Nullable T soon(Callable<@Nullable T> operation) {
    if (!breaker.tryAcquirePermission()) {
      return null;
    }
    long start = time.nanoTime();
    try {
      Future<@Nullable T> result = threads.submit(operation);
      T value = result.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      ended(start, null);
      return value;
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      ended(start, e);
    } catch (InterruptedException e) {
      breaker.releasePermission();
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** The same for what nobody waits for: it may take longer, which is no success either. */
  private void now(Callable<?> operation) {
    if (!breaker.tryAcquirePermission()) {
      return;
    }
    long start = time.nanoTime();
    try {
      var _ = operation.call();
      boolean isLate = time.nanoTime() - start > PATIENCE.toNanos();
      ended(start, isLate ? new TimeoutException() : null);
    } catch (Exception e) {
      ended(start, e);
    }
  }

  private void ended(long start, @Nullable Exception trouble) {
    long took = time.nanoTime() - start;
    String outcome =
        trouble == null ? "done" : trouble instanceof TimeoutException ? "late" : "failed";
    requests.withTag("outcome", outcome).record(took, TimeUnit.NANOSECONDS);
    if (trouble == null) {
      breaker.onSuccess(took, TimeUnit.NANOSECONDS);
    } else {
      log.debug("Redis", trouble);
      breaker.onError(took, TimeUnit.NANOSECONDS, trouble);
    }
  }

  private static void log(StateTransition transition) {
    if (transition == StateTransition.CLOSED_TO_OPEN) {
      log.warn("Redis fails or is too slow; the gateway goes on without it and tries again");
    } else if (transition.getToState() == State.CLOSED) {
      log.warn("Redis answers again");
    }
  }

  private static byte[] ascii(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  private boolean paused(long millis) {
    long until = time.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (until - time.nanoTime() > 0 && !Thread.currentThread().isInterrupted()) {
      time.parkUntil(this, until);
    }
    return !Thread.currentThread().isInterrupted();
  }
}
