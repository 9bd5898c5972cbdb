package io.github.videoquery.cache;

import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.upstream.AccountReply;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long each account is not called because the provider sent {@code Retry-After} (RFC 9110,
 * section 10.2.3): at most 30 s. Times are {@link io.github.videoquery.time.TimeSource#nanoTime()}.
 */
final class Backoff {
  /** How long a caller should wait after a failure for which the provider names no time. */
  static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final ConcurrentMap<String, Long> untilByAccount = new ConcurrentHashMap<>();

  /** Records the provider's {@code Retry-After}; a shorter time does not shorten a longer one. */
  void note(AccountReply reply, long now) {
    if (reply.reply() instanceof Refused refused && refused.retryAfter() != null) {
      Duration asked = refused.retryAfter();
      long until = now + (asked.compareTo(LONGEST) > 0 ? LONGEST : asked).toNanos();
      untilByAccount.merge(reply.account(), until, (a, b) -> a - b > 0 ? a : b);
    }
  }

  /** Nanoseconds for which the account must not be called yet; 0 or less for none. */
  long remaining(@Nullable String account, long now) {
    Long until = account == null ? null : untilByAccount.get(account);
    return until == null ? 0 : until - now;
  }

  /** The reply in place of a call that is not made for so many nanoseconds. */
  static Refused refusal(long remaining) {
    return new Refused(Refusal.RATE_LIMITED, Refused.NO_STATUS, Duration.ofNanos(remaining));
  }

  /** Nanoseconds that a caller should wait after a failure of the account. */
  long retryIn(String account, long now) {
    return Math.max(remaining(account, now), RETRY_NANOS);
  }
}
