package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.upstream.AccountReply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final long SECOND = 1_000_000_000L;
  private final long start = Long.parseLong("9223372035854775807"); // nanoTime may overflow

  private final Backoff backoff = new Backoff();

  @Test
  void account_isLeftAlone_forAsLongAsTheProviderAsks() {
    backoff.note(refused("a", Duration.ofSeconds(20)), start);

    assertThat(backoff.remaining("a", start + 5 * SECOND)).isEqualTo(15 * SECOND);
    assertThat(backoff.retryIn("a", start + 5 * SECOND)).isEqualTo(15 * SECOND);
    assertThat(backoff.retryIn("a", start + 18 * SECOND)).as("5 s at least").isEqualTo(5 * SECOND);
    assertThat(backoff.remaining("a", start + 20 * SECOND)).isZero();
    assertThat(backoff.remaining("b", start)).isZero();
    assertThat(backoff.remaining(null, start)).isZero();
    assertThat(backoff.retryIn("b", start)).isEqualTo(5 * SECOND);
  }

  @Test
  void shorterTime_doesNotShortenALongerOne() {
    backoff.note(refused("a", Duration.ofSeconds(20)), start);
    backoff.note(refused("a", Duration.ofSeconds(1)), start);
    assertThat(backoff.remaining("a", start)).isEqualTo(20 * SECOND);

    backoff.note(refused("a", Duration.ofSeconds(25)), start);
    assertThat(backoff.remaining("a", start)).isEqualTo(25 * SECOND);
  }

  @Test
  void thirtySeconds_areTheLongest() {
    backoff.note(refused("a", Duration.ofHours(1)), start);
    backoff.note(refused("b", Duration.ofSeconds(30)), start);

    assertThat(backoff.remaining("a", start)).isEqualTo(30 * SECOND);
    assertThat(backoff.remaining("b", start)).isEqualTo(30 * SECOND);
  }

  @Test
  void replyWithoutATime_changesNothing() {
    backoff.note(refused("a", null), start);
    backoff.note(new AccountReply(new NotFound(), "a"), start);

    assertThat(backoff.remaining("a", start)).isZero();
  }

  private static AccountReply refused(String account, @Nullable Duration retryAfter) {
    return new AccountReply(new Refused(Refusal.RATE_LIMITED, 429, retryAfter), account);
  }
}
