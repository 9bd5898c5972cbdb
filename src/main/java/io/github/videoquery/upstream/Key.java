package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the provider's keys, and whether the provider accepts it. After a rejection it is not used
 * for one minute, and then tried again.
 */
final class Key {
  private static final Logger log = LoggerFactory.getLogger(Key.class);
  private static final long COOLDOWN_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final ApiKey key;
  private final String account;
  private final int position;
  private final TimeSource time;
  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private final AtomicLong cooldownUntil = new AtomicLong();

  /**
   * @param position counted from 1; identifies the key in logs and metrics
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
    return !isHealthy() && now - cooldownUntil.get() < 0;
  }

  /**
   * Whether its minute is over; true for one caller only. That caller's query tries the key, so no
   * extra call is made just to test it.
   */
  boolean claimRetry(long now) {
    if (isHealthy() || rests(now)) {
      return false;
    }
    long rest = cooldownUntil.get();
    return now - rest >= 0 && cooldownUntil.compareAndSet(rest, now + COOLDOWN_NANOS);
  }

  void rejected(String why) {
    cooldownUntil.set(time.nanoTime() + COOLDOWN_NANOS);
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
