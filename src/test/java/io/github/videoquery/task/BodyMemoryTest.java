package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.NotFound;
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
  void bodyOnItsWay_countsOnce_untilNobodyHoldsIt_andIsNeverRefused() {
    TaskReply reply = reply(8 * MB);
    long bytes = Body.heldBytes(8 * MB);
    assertThat(memory.tryTake(6 * MB)).isTrue();
    HeldBodies flight = memory.holder();
    HeldBodies exchange = memory.holder();
    flight.add(reply);
    exchange.add(reply);
    exchange.add(reply);
    assertThat(memory.held()).isEqualTo(6 * MB + bytes);
    assertThat(memory.tryTake(1)).isFalse();

    flight.close();
    assertThat(memory.held()).isEqualTo(6 * MB + bytes);
    exchange.close();
    exchange.close();
    assertThat(memory.held()).isEqualTo(6 * MB);
  }

  @Test
  void holder_canLetGo_andHoldMore_untilItIsClosed() {
    HeldBodies stream = memory.holder();
    stream.add(reply(MB));
    CompletableFuture<Void> next = memory.take(10 * MB);
    stream.release();
    assertThat(next).isCompleted();
    memory.giveBack(10 * MB);

    stream.add(reply(2 * MB));
    assertThat(memory.held()).isEqualTo(Body.heldBytes(2 * MB));
    stream.close();
    stream.add(reply(MB));
    assertThat(memory.held()).as("added too late").isZero();
  }

  @Test
  void allThatIsFree_canBeTaken() {
    assertThat(memory.tryTake(10 * MB)).isTrue();
    assertThat(memory.tryTake(1)).isFalse();
  }

  @Test
  void body_counts_from64Kilobytes() {
    HeldBodies held = memory.holder();
    held.add(reply((64 << 10) - 1));
    assertThat(memory.held()).isZero();
    held.add(reply(64 << 10));
    assertThat(memory.held()).isEqualTo(Body.heldBytes(64 << 10));
  }

  @Test
  void bodies_areHandedOver_toANewHolder() {
    HeldBodies held = memory.holder();
    held.add(reply(MB));
    HeldBodies moved = held.moved();

    held.close();
    assertThat(memory.held()).isEqualTo(Body.heldBytes(MB));
    moved.close();
    assertThat(memory.held()).isZero();
  }

  @Test
  void smallBody_andReplyWithoutOne_areNotCounted() {
    HeldBodies held = memory.holder();
    held.add(reply(1000));
    held.add(new NotFound());

    assertThat(memory.held()).isZero();
    held.close();
    assertThat(memory.held()).isZero();
  }

  private static TaskReply reply(int bytes) {
    return new Failed(new Body(new byte[bytes]), "failed");
  }
}
