package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {
  private static final int MB = 1 << 20;

  private final BodyMemory memory = new BodyMemory(10 * MB);

  @Test
  void room_isTaken_andWaitedForInOrder() {
    assertThat(memory.take(6 * MB)).isCompleted();
    CompletableFuture<Void> second = memory.take(6 * MB);
    CompletableFuture<Void> third = memory.take(6 * MB);
    assertThat(memory.take(4 * MB)).as("what fits does not wait behind others").isCompleted();
    assertThat(memory.tryTake(1)).isFalse();

    memory.giveBack(6 * MB);
    assertThat(second).isCompleted();
    assertThat(third).isNotDone();
    memory.giveBack(6 * MB);
    assertThat(third).isCompleted();
    assertThat(memory.held()).isEqualTo(10 * MB);
  }

  @Test
  void cancelledWait_takesNothing() {
    assertThat(memory.take(10 * MB)).isCompleted();
    CompletableFuture<Void> gone = memory.take(10 * MB);
    CompletableFuture<Void> next = memory.take(MB);
    gone.cancel(true);

    memory.giveBack(10 * MB);

    assertThat(next).isCompleted();
    assertThat(memory.held()).isEqualTo(MB);
  }

  @Test
  void bodyBeingWritten_countsOnce_andIsNeverRefused() {
    Body body = new Body(new byte[8 * MB]);
    assertThat(memory.tryTake(6 * MB)).isTrue();
    memory.beginWriting(body);
    memory.beginWriting(body);
    assertThat(memory.held()).isEqualTo(6 * MB + Body.heldBytes(8 * MB));
    assertThat(memory.tryTake(1)).isFalse();

    memory.endWriting(body);
    assertThat(memory.held()).isEqualTo(6 * MB + Body.heldBytes(8 * MB));
    memory.endWriting(body);
    assertThat(memory.held()).isEqualTo(6 * MB);
  }

  @Test
  void smallBody_isNotCounted() {
    Body body = new Body(new byte[1000]);
    memory.beginWriting(body);

    assertThat(memory.held()).isZero();
    memory.endWriting(body);
    assertThat(memory.held()).isZero();
  }
}
