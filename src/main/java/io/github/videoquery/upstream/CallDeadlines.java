package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Ends calls that exceed their deadline, at most {@value #TICK_MILLIS} ms late. It uses one hashed
 * wheel timer, which runs from the first call on: to set a deadline, no thread is woken and no lock
 * is taken. Once this is closed, no call can begin.
 */
final class CallDeadlines implements AutoCloseable {
  private static final long TICK_MILLIS = 50;
  private static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final HashedWheelTimer wheel =
      new HashedWheelTimer(
          new DefaultThreadFactory("call-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);

  private final TimeSource time;

  CallDeadlines(TimeSource time) {
    this.time = time;
  }

  /** The call's outcome, or a {@link TimeoutException} after so many nanoseconds. */
  <T> Mono<T> within(long nanos, Mono<T> call) {
    Mono<Boolean> deadline =
        Mono.create(
            sink -> {
              var kept = new Deadline(sink, time.nanoTime() + nanos);
              kept.start(nanos);
              sink.onDispose(kept);
            });
    return call.timeout(deadline, Mono.error(TimeoutException::new));
  }

  /**
   * The extra time for a call whose timer fires this late: none, unless the process was suspended
   * (a live migration, a paused container). In that case the answer may have arrived meanwhile, and
   * it is used.
   */
  static long graceNanos(long lateNanos) {
    return lateNanos < STANDSTILL_NANOS ? 0 : Math.min(lateNanos, LONGEST_GRACE_NANOS);
  }

  private final class Deadline implements TimerTask, Disposable {
    private final MonoSink<Boolean> sink;
    private volatile long due;
    private volatile @Nullable Timeout timeout;

    Deadline(MonoSink<Boolean> sink, long due) {
      this.sink = sink;
      this.due = due;
    }

    void start(long nanos) {
      timeout = wheel.newTimeout(this, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run(Timeout passed) {
      long now = time.nanoTime();
      long grace = graceNanos(now - due);
      if (grace > 0) {
        due = now + grace;
        start(grace);
      } else {
        sink.success(true);
      }
    }

    @Override
    public void dispose() {
      Timeout pending = timeout;
      if (pending != null) {
        pending.cancel();
      }
    }
  }

  @Override
  public void close() {
    wheel.stop();
  }
}
