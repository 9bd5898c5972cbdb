package io.github.videoquery;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock and a ticker that stand still until told to move. */
public final class FakeTime implements InstantSource, Ticker {
  private final Instant start;
  private final AtomicLong elapsed = new AtomicLong();

  public FakeTime(Instant start) {
    this.start = start;
  }

  public void advance(Duration duration) {
    elapsed.addAndGet(duration.toNanos());
  }

  @Override
  public Instant instant() {
    return start.plusNanos(elapsed.get());
  }

  @Override
  public long read() {
    return elapsed.get();
  }
}
