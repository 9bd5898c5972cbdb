package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BulkheadTest {
  private static final TaskReply SATURATED = new Unreachable(Trouble.SATURATED);
  private static final TaskReply REPLY = new NotFound();

  @Test
  void fourCallersQueue_forEachCall_andNoMore() throws Exception {
    var bulkhead = new Bulkhead(2, TimeSource.SYSTEM);
    var atOnce = new AtomicInteger();
    var release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<TaskReply>> accepted = new ArrayList<>();
      for (int i = 0; i < 2 + 4 * 2; i++) {
        accepted.add(
            threads.submit(
                () ->
                    bulkhead.guard(
                        Duration.ofMinutes(1),
                        () -> {
                          assertThat(atOnce.incrementAndGet()).isLessThanOrEqualTo(2);
                          await(release);
                          atOnce.decrementAndGet();
                          return REPLY;
                        })));
        int expected = i + 1;
        FakeTime.spinUntil(() -> atOnce.get() + bulkhead.queued() == expected);
      }

      assertThat(bulkhead.guard(Duration.ofMinutes(1), () -> REPLY)).isEqualTo(SATURATED);

      release.countDown();
      for (Future<TaskReply> reply : accepted) {
        assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo(REPLY);
      }
    }
    assertThat(bulkhead.guard(Duration.ZERO, () -> REPLY)).isEqualTo(REPLY);
  }

  @Test
  void permit_isGivenBack_afterADefect() {
    var bulkhead = new Bulkhead(1, TimeSource.SYSTEM);
    for (int i = 0; i < 3; i++) {
      try {
        bulkhead.guard(
            Duration.ZERO,
            () -> {
              throw new IllegalStateException("defect");
            });
      } catch (IllegalStateException defect) {
        assertThat(defect).hasMessage("defect");
      }
    }

    assertThat(bulkhead.guard(Duration.ZERO, () -> REPLY)).isEqualTo(REPLY);
  }

  @Test
  void refreshes_haveHalfOfTheCalls_andDoNotQueue() throws Exception {
    var bulkhead = new Bulkhead(4, TimeSource.SYSTEM);
    var entered = new CountDownLatch(2);
    var release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<TaskReply>> refreshes = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        refreshes.add(
            threads.submit(
                () ->
                    bulkhead.guardRefresh(
                        () -> {
                          entered.countDown();
                          await(release);
                          return REPLY;
                        })));
      }
      await(entered);

      assertThat(bulkhead.guardRefresh(() -> REPLY)).isEqualTo(new Unreachable(Trouble.SATURATED));
      assertThat(bulkhead.guard(Duration.ZERO, () -> REPLY)).isEqualTo(REPLY);
      release.countDown();
      for (Future<TaskReply> refresh : refreshes) {
        assertThat(refresh.get(10, TimeUnit.SECONDS)).isEqualTo(REPLY);
      }
    }
    assertThat(bulkhead.guardRefresh(() -> REPLY)).isEqualTo(REPLY);
  }

  /** One call at a time would have no half. */
  @Test
  void refresh_isPossible_whereOneCallIs() {
    assertThat(new Bulkhead(1, TimeSource.SYSTEM).guardRefresh(() -> REPLY)).isEqualTo(REPLY);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
