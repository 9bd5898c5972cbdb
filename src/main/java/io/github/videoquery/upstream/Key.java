package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the provider's keys and what became of it. A rejected one rests for a minute before it is
 * tried again.
 */
final class Key {
  private static final Logger log = LoggerFactory.getLogger(Key.class);
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final ApiKey key;
  private final String account;
  private final int position;
  private final TimeSource time;
  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private final AtomicLong restsUntil = new AtomicLong();

  /**
   * @param position counted from 1; what the key goes by in logs and metrics
   */
  Key(ApiKey key, String account, int position, TimeSource time) {
    this.key = key;
    this.account = account;
    this.position = position;
    this.time = time;
  }

  ApiKey key() {
    return key;
  }

  int position() {
    return position;
  }

  boolean isHealthy() {
    return healthy.get();
  }

  boolean rests(long now) {
    return !isHealthy() && now - restsUntil.get() < 0;
  }

  /**
   * Whether its rest is over, told to one caller: the key is then tried with that caller's query,
   * and no call is made only to try it.
   */
  boolean claimRetry(long now) {
    if (isHealthy() || rests(now)) {
      return false;
    }
    long rest = restsUntil.get();
    return now - rest >= 0 && restsUntil.compareAndSet(rest, now + REST_NANOS);
  }

  void rejected(String why) {
    restsUntil.set(time.nanoTime() + REST_NANOS);
    if (healthy.compareAndSet(true, false)) {
      log.atWarn()
          .addKeyValue("account", account)
          .addKeyValue("key", position)
          .addKeyValue("why", why)
          .log("The provider rejected key {} ({}, account {})", position, why, account);
    }
  }

  void accepted() {
    if (!isHealthy() && healthy.compareAndSet(false, true)) {
      log.atWarn()
          .addKeyValue("account", account)
          .addKeyValue("key", position)
          .log("The provider accepts key {} again (account {})", position, account);
    }
  }
}
