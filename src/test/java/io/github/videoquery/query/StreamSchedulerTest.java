package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamSchedulerTest {
  private static final Duration MAX_AGE = Duration.ofMinutes(10);

  private final CacheFixture fixture = new CacheFixture();
  private final FakeTime time = fixture.time;
  private final List<String> woken = new CopyOnWriteArrayList<>();
  private final StreamScheduler clock =
      new StreamScheduler(
          new WaitProperties(Duration.ofSeconds(45), Duration.ofSeconds(8), MAX_AGE, 2, 2, 50),
          fixture.feeds,
          time);

  private void schedule(String name, Duration in) {
    clock.schedule(() -> woken.add(name), time.nanoTime() + in.toNanos());
  }

  @Test
  void eachIsWoken_whenItsTimeHasCome_alsoOneThatWasScheduledLater() {
    schedule("b", Duration.ofSeconds(2));
    time.awaitParked(1);
    schedule("a", Duration.ofSeconds(1)); // and nothing later, which could wake the thread, too
    time.advance(Duration.ofSeconds(1).minusNanos(1));
    time.awaitParked(1);
    assertThat(woken).isEmpty();
    time.advance(Duration.ofNanos(1));
    FakeTime.spinUntil(() -> woken.size() == 1);
    time.awaitParked(1);
    schedule("b too", Duration.ofSeconds(1));
    schedule("c", Duration.ofSeconds(2));
    time.advance(Duration.ofSeconds(2));
    FakeTime.spinUntil(() -> woken.size() == 4);

    assertThat(woken).containsExactly("a", "b", "b too", "c");
  }

  @Test
  void thread_ends_whenThereIsNobodyToWake_andAnotherBegins() {
    schedule("a", Duration.ZERO);
    FakeTime.spinUntil(() -> woken.size() == 1);
    time.awaitParked(0);
    schedule("b", Duration.ofSeconds(1));
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));
    FakeTime.spinUntil(() -> woken.size() == 2);

    assertThat(woken).containsExactly("a", "b");
  }

  @Test
  void others_areWoken_whenOneFails() {
    long moment = time.nanoTime() + 1;
    clock.schedule(
        () -> {
          throw new IllegalStateException("a defect");
        },
        moment);
    clock.schedule(() -> woken.add("b"), moment);
    schedule("c", Duration.ofSeconds(1));
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));
    FakeTime.spinUntil(() -> woken.size() == 2);

    assertThat(woken).containsExactly("b", "c");
  }

  @Test
  void heartbeats_fallTogether_andComeEarlyRatherThanLate() {
    time.advance(Duration.ofMillis(1234));
    long first = clock.nextHeartbeat();
    time.advance(Duration.ofMillis(15));

    assertThat(clock.nextHeartbeat()).isEqualTo(first);
    assertThat(Duration.ofNanos(first - time.nanoTime()))
        .isLessThanOrEqualTo(Duration.ofSeconds(8));
    assertThat(Duration.ofNanos(first - time.nanoTime())).isGreaterThan(Duration.ofMillis(7730));
  }

  @Test
  void streamsThatBeginTogether_endWithinATenthOfTheirAge() {
    List<Duration> ends =
        IntStream.range(0, 1000)
            .mapToObj(_ -> Duration.ofNanos(clock.endOfStream() - time.nanoTime()))
            .toList();

    assertThat(ends).allMatch(end -> end.compareTo(MAX_AGE) <= 0);
    assertThat(ends).allMatch(end -> end.compareTo(Duration.ofMinutes(9)) >= 0);
    assertThat(ends).anyMatch(end -> end.compareTo(Duration.ofSeconds(545)) < 0);
    assertThat(ends).anyMatch(end -> end.compareTo(Duration.ofSeconds(595)) > 0);
  }
}
