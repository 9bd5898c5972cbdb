package io.github.videoquery.support;

import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A clock that stands still until told to move. Threads can wait on it. */
public final class FakeTime implements TimeSource {
  /** Not 0: there, code that adds a time instead of subtracting it would pass its tests. */
  private static final long FIRST_NANO = Duration.ofDays(3).toNanos();

  private final Instant start;
  private final AtomicLong elapsed = new AtomicLong();
  private final AtomicLong jumped = new AtomicLong();
  private final AtomicLong changes = new AtomicLong();
  private final Map<Thread, Long> parked = new ConcurrentHashMap<>(); // with their deadlines

  public FakeTime(Instant start) {
    this.start = start;
  }

  /** Wakes the threads whose deadline has come. Code that changes a deadline unparks its thread. */
  public void advance(Duration duration) {
    elapsed.addAndGet(duration.toNanos());
    parked.forEach(
        (thread, deadline) -> {
          if (deadline - nanoTime() <= 0) {
            LockSupport.unpark(thread);
          }
        });
  }

  @Override
  public long nanoTime() {
    return FIRST_NANO + elapsed.get();
  }

  @Override
  public void parkUntil(Object blocker, long deadline) {
    parked.put(Thread.currentThread(), deadline);
    changes.incrementAndGet();
    try {
      if (deadline - nanoTime() > 0) {
        LockSupport.park(blocker);
      }
    } finally {
      parked.remove(Thread.currentThread());
      changes.incrementAndGet();
    }
  }

  /** Returns when so many threads wait on this clock, all at one moment. */
  public void awaitParked(int threads) {
    long before = -1;
    while (parked.keySet().stream().filter(FakeTime::isWaiting).count() != threads
        || changes.get() != before) { // one may have begun to wait after another was seen waiting
      before = changes.get();
      letOthersRun();
    }
  }

  /** Returns when other threads have brought the condition about. */
  public static void spinUntil(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      letOthersRun();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static void letOthersRun() {
    if (Thread.interrupted()) {
      throw new IllegalStateException("Interrupted, by JUnit's timeout");
    }
    Thread.yield();
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  /** Sets the wall clock forward or back; nothing else takes notice. */
  public void jump(Duration duration) {
    jumped.addAndGet(duration.toNanos());
  }

  @Override
  public Instant instant() {
    return start.plusNanos(elapsed.get() + jumped.get());
  }
}
