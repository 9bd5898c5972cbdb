package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/** Ends calls that exceed their deadline. Time during which the process was suspended is added. */
final class CallDeadlines {
  private static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final TimeSource time;

  CallDeadlines(TimeSource time) {
    this.time = time;
  }

  /** The call's outcome, or a {@link TimeoutException} after so many nanoseconds. */
  <T> Mono<T> within(long nanos, Mono<T> call) {
    return call.timeout(Mono.defer(() -> passed(nanos)), Mono.error(TimeoutException::new));
  }

  private Mono<Long> passed(long nanos) {
    long due = time.nanoTime() + nanos;
    return Mono.delay(Duration.ofNanos(nanos))
        .flatMap(
            delayed -> {
              long grace = graceNanos(time.nanoTime() - due);
              return grace > 0 ? passed(grace) : Mono.just(delayed);
            });
  }

  /**
   * The extra time for a call whose timer fires this late: none, unless the process was suspended
   * (a live migration, a paused container). In that case the answer may have arrived meanwhile, and
   * it is used.
   */
  static long graceNanos(long lateNanos) {
    return lateNanos < STANDSTILL_NANOS ? 0 : Math.min(lateNanos, LONGEST_GRACE_NANOS);
  }
}
