package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedisTimeoutTest {
  private final RedisTimeout timeout = new RedisTimeout(RedisTimeout.QUERY);

  @Test
  void query_loses50MillisecondsInAll() {
    timeout.answered(TimeUnit.MILLISECONDS.toNanos(30));
    assertThat(timeout.leftNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    assertThat(timeout.isSpent()).isFalse();

    timeout.failed(TimeUnit.MILLISECONDS.toNanos(20));
    assertThat(timeout.isSpent()).isTrue();
  }

  @Test
  void waitingForTheHolder_costsNothing_exceptForAFailure() {
    timeout.waitForHolder();
    for (int i = 0; i < 100; i++) {
      timeout.answered(TimeUnit.MILLISECONDS.toNanos(10));
    }
    assertThat(timeout.isSpent()).isFalse();

    timeout.failed(TimeUnit.MILLISECONDS.toNanos(50));
    assertThat(timeout.isSpent()).isTrue();
  }
}
