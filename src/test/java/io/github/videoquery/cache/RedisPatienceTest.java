package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedisPatienceTest {
  private final RedisPatience patience = new RedisPatience(RedisPatience.QUERY);

  @Test
  void query_loses50MillisecondsInAll() {
    patience.answered(TimeUnit.MILLISECONDS.toNanos(30));
    assertThat(patience.leftNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    assertThat(patience.isSpent()).isFalse();

    patience.failed(TimeUnit.MILLISECONDS.toNanos(20));
    assertThat(patience.isSpent()).isTrue();
  }

  @Test
  void waitingForTheHolder_costsNothing_exceptForAFailure() {
    patience.waitForHolder();
    for (int i = 0; i < 100; i++) {
      patience.answered(TimeUnit.MILLISECONDS.toNanos(10));
    }
    assertThat(patience.isSpent()).isFalse();

    patience.failed(TimeUnit.MILLISECONDS.toNanos(50));
    assertThat(patience.isSpent()).isTrue();
  }
}
