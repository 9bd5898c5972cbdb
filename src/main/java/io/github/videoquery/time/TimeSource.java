package io.github.videoquery.time;

import java.util.concurrent.locks.LockSupport;

/** A monotonic clock that a thread can wait on, so that tests of waiting take no time. */
public interface TimeSource {
  TimeSource SYSTEM =
      new TimeSource() {
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

  /**
   * Parks the calling thread until the deadline on this clock, until it is unparked or interrupted,
   * or for no reason, as {@link LockSupport#parkNanos(Object, long)}.
   */
  void parkUntil(Object blocker, long deadline);
}
