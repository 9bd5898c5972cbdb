package io.github.videoquery;

import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * The first phase of a stop. Readiness fails already, requests are still served, and each answer
 * has {@code Connection: close}, so that load balancers notice before the port closes.
 */
final class Drain implements SmartLifecycle {
  private static final Duration DEFAULT_DELAY = Duration.ofSeconds(5);

  private final Duration delay;
  private final TimeSource time;
  private volatile boolean isRunning;
  private volatile boolean isUnderWay;

  /**
   * @param stop {@code timeout-per-shutdown-phase}, which includes the delay; the default delay
   *     takes at most half of it
   */
  Drain(Duration delay, Duration stop, DefaultLifecycleProcessor phases, TimeSource time) {
    this.time = time;
    if (delay.isNegative()) {
      throw invalid(delay, "Give a time that is not negative, for example 5s.");
    }
    if (!delay.equals(DEFAULT_DELAY) && delay.compareTo(stop) >= 0) {
      throw invalid(
          delay,
          "It is a part of spring.lifecycle.timeout-per-shutdown-phase: give less than that.");
    }
    Duration half = stop.dividedBy(2);
    this.delay = delay.equals(DEFAULT_DELAY) && half.compareTo(delay) < 0 ? half : delay;
    phases.setTimeoutForShutdownPhase(
        WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE, stop.minus(this.delay).toMillis());
  }

  private static InvalidConfigurationPropertyValueException invalid(
      Duration delay, String howToFix) {
    return new InvalidConfigurationPropertyValueException(
        "gateway.server.drain-delay", delay, howToFix);
  }

  /**
   * Starting and stopping.
   *
   * @param drainDelay how long requests are still served after readiness says no
   * @param warmUp how long the gateway answers queries that it sends to itself, before it starts;
   *     0s to 3s
   */
  @ConfigurationProperties("gateway.server")
  record Settings(@DefaultValue("5s") Duration drainDelay, @DefaultValue("1s") Duration warmUp) {}

  boolean isUnderWay() {
    return isUnderWay;
  }

  @Override
  public void start() {
    isRunning = true;
    isUnderWay = false;
  }

  @Override
  public void stop() {
    isRunning = false;
  }

  @Override
  public void stop(Runnable callback) {
    isUnderWay = true;
    isRunning = false;
    Thread.ofVirtual()
        .name("drain")
        .start(
            () -> {
              await();
              callback.run();
            });
  }

  private void await() {
    long end = time.nanoTime() + delay.toNanos();
    while (end - time.nanoTime() > 0 && !Thread.currentThread().isInterrupted()) {
      time.parkUntil(this, end);
    }
  }

  @Override
  public boolean isRunning() {
    return isRunning;
  }

  /** Before anything else. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }

  @Override
  public boolean isPauseable() {
    return false;
  }
}
