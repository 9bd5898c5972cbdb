package io.github.videoquery.upstream;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * Ends calls that take too long, at most {@value #TICK_MILLIS} ms late: a wheel that turns by
 * itself from the first call on, so that no other wakes a thread or waits for a lock to have its
 * deadline kept. Once closed, no call can begin.
 */
final class CallDeadlines implements AutoCloseable {
  private static final long TICK_MILLIS = 50;

  private final HashedWheelTimer wheel =
      new HashedWheelTimer(
          new DefaultThreadFactory("call-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);

  /** The call's outcome, or a {@link TimeoutException} after so many nanoseconds. */
  <T> Mono<T> within(long nanos, Mono<T> call) {
    Mono<Timeout> deadline =
        Mono.create(
            sink -> {
              Timeout timeout = wheel.newTimeout(sink::success, nanos, TimeUnit.NANOSECONDS);
              sink.onDispose(timeout::cancel);
            });
    return call.timeout(deadline, Mono.error(TimeoutException::new));
  }

  @Override
  public void close() {
    wheel.stop();
  }
}
