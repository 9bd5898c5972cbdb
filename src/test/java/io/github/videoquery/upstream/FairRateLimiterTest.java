package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.upstream.FairRateLimiter.Permit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairRateLimiterTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final FairRateLimiter limiter = new FairRateLimiter(10.0, time);

  @Test
  void permits_areSpacedEvenly() {
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    pass(99);
    assertThat(limiter.acquire(true, NOW)).isNull();
    pass(1);
    assertThat(limiter.acquire(false, NOW)).isNotNull();
    assertThat(limiter.delayNanos(true)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
  }

  @Test
  void nothingIsLimited_withoutARate() {
    var unlimited = new FairRateLimiter(null, time);

    for (int i = 0; i < 1_000; i++) {
      Permit permit = Objects.requireNonNull(unlimited.acquire(i % 2 == 0, NOW));
      unlimited.giveBack(permit);
    }
    assertThat(unlimited.delayNanos(false)).isZero();
  }

  @Test
  void returnedPermit_isAnothers_withinItsSlot() {
    Permit unused = Objects.requireNonNull(limiter.acquire(true, NOW));
    pass(50);

    limiter.giveBack(unused);

    assertThat(limiter.acquire(true, NOW)).isNotNull();
    assertThat(limiter.acquire(true, NOW)).isNull();
  }

  @Test
  void returnedPermit_isWorthNothing_afterItsSlot() {
    Permit unused = Objects.requireNonNull(limiter.acquire(true, NOW));
    pass(100);
    assertThat(limiter.acquire(true, NOW)).isNotNull();

    limiter.giveBack(unused);

    assertThat(limiter.acquire(true, NOW)).isNull();
    pass(100);
    Permit late = Objects.requireNonNull(limiter.acquire(true, NOW));
    pass(250);
    limiter.giveBack(late);
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    assertThat(limiter.acquire(true, NOW)).isNull();
  }

  @Test
  void returnedPermit_wakesTheNextInTheQueue() {
    Permit unused = Objects.requireNonNull(limiter.acquire(true, NOW));
    BlockingQueue<String> served = new LinkedBlockingQueue<>();
    queue("next", true, served);

    limiter.giveBack(unused);

    assertThat(taken(served)).isEqualTo("next");
  }

  /** Calls and returns in any mix, at any rate: what is counted is each permit that was used. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3, 10, 33.3, 250})
  void noSecond_seesMoreCallsThanTheRateAndOne(double rate) {
    for (int seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var clock = new FakeTime(Instant.EPOCH);
      var tried = new FairRateLimiter(rate, clock);
      List<Permit> held = new ArrayList<>();
      Queue<Long> calls = new ArrayDeque<>();
      for (int step = 0; step < 2_000; step++) {
        clock.advance(Duration.ofNanos((long) (random.nextDouble() * 4e8 / rate)));
        Permit permit = tried.acquire(random.nextBoolean(), NOW);
        if (permit != null && random.nextInt(3) == 0) {
          calls.add(clock.nanoTime());
        } else if (permit != null) {
          held.add(permit);
        }
        if (!held.isEmpty() && random.nextBoolean()) {
          tried.giveBack(held.remove(random.nextInt(held.size())));
        }
        while (!calls.isEmpty() && clock.nanoTime() - calls.peek() >= 1_000_000_000L) {
          calls.remove();
        }
        assertThat((double) calls.size()).as("seed %d", seed).isLessThanOrEqualTo(rate + 1);
      }
    }
  }

  @Test
  void queue_isServedInOrder_andAnEachFourthPermitIsARefreshs() {
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    BlockingQueue<String> served = new LinkedBlockingQueue<>();
    for (int i = 1; i <= 5; i++) {
      queue("first" + i, true, served);
    }
    queue("refresh1", false, served);
    queue("refresh2", false, served);
    assertThat(limiter.delayNanos(true)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(limiter.delayNanos(false)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(800));

    Deque<String> order = new ArrayDeque<>();
    for (int i = 0; i < 7; i++) {
      pass(100);
      order.add(taken(served));
    }

    assertThat(order)
        .containsExactly("first1", "first2", "refresh1", "first3", "first4", "first5", "refresh2");
  }

  @Test
  void caller_leaves_whenItsTimeIsOver() throws Exception {
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    Queue<Boolean> got = new ConcurrentLinkedQueue<>();
    Thread impatient =
        Thread.ofVirtual()
            .start(() -> got.add(limiter.acquire(true, Duration.ofMillis(50)) != null));
    time.awaitParked(1);

    pass(50);

    impatient.join();
    assertThat(got).containsExactly(false);
    assertThat(limiter.delayNanos(true)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  void interruptedCaller_leaves() throws Exception {
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    Queue<Boolean> got = new ConcurrentLinkedQueue<>();
    Thread caller =
        Thread.ofVirtual().start(() -> got.add(limiter.acquire(true, A_MINUTE) != null));
    time.awaitParked(1);

    caller.interrupt();

    caller.join();
    assertThat(got).containsExactly(false);
  }

  @Test
  void queue_isBounded_forEachKind() throws Exception {
    assertThat(limiter.acquire(true, NOW)).isNotNull();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < FairRateLimiter.MAX_QUEUED; i++) {
      waiting.add(Thread.ofVirtual().start(() -> limiter.acquire(true, A_MINUTE)));
    }
    time.awaitParked(FairRateLimiter.MAX_QUEUED);

    assertThat(limiter.acquire(true, A_MINUTE)).as("at once").isNull();
    assertThat(limiter.acquire(false, NOW)).isNull();
    assertThat(limiter.delayNanos(true))
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(100L * FairRateLimiter.MAX_QUEUED));

    waiting.forEach(Thread::interrupt);
    for (Thread thread : waiting) {
      thread.join();
    }
  }

  /** Joins the queue behind those that are in it. */
  private void queue(String name, boolean first, BlockingQueue<String> served) {
    int before = queued.size();
    queued.add(name);
    Thread.ofVirtual()
        .start(
            () -> {
              if (limiter.acquire(first, A_MINUTE) != null) {
                served.add(name);
              }
            });
    time.awaitParked(before + 1);
  }

  private final List<String> queued = new ArrayList<>();

  private static String taken(BlockingQueue<String> served) {
    try {
      return Objects.requireNonNull(served.poll(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pass(long millis) {
    time.advance(Duration.ofMillis(millis));
  }
}
