package io.github.videoquery.time;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.locks.LockSupport;

/**
 * The one clock: the time of day, a monotonic time, and waiting for it. It is injected everywhere,
 * so that tests of timeouts do not have to wait.
 */
public interface TimeSource extends InstantSource {
  TimeSource SYSTEM =
      new TimeSource() {
        @Override
        public Instant instant() {
          return Instant.now();
        }

        @Override
        public long millis() {
          return System.currentTimeMillis();
        }

        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void parkUntil(Object blocker, long deadline) {
          long left = deadline - System.nanoTime();
          if (left > 0) {
            LockSupport.parkNanos(blocker, left);
          }
        }
      };

  /**
   * Nanoseconds since some moment, as {@link System#nanoTime()}: only differences mean anything.
   */
  long nanoTime();

  /** A clock for libraries that measure durations: setting the wall clock does not move it. */
  default Clock monotonic() {
    Instant start = instant();
    long began = nanoTime();
    InstantSource source = () -> start.plusNanos(nanoTime() - began);
    return source.withZone(ZoneOffset.UTC);
  }

  /**
   * Parks the calling thread until the deadline on this clock, until it is unparked or interrupted,
   * or for no reason, as {@link LockSupport#parkNanos(Object, long)}.
   */
  void parkUntil(Object blocker, long deadline);
}
