package io.github.videoquery.upstream;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * What a call's body takes of the memory, until the call is closed: a body that was read has to be
 * classified, and waits for a processor meanwhile.
 */
final class BodyRoom implements AutoCloseable {
  /** The longest wait for room. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final BodyMemory memory;
  private long taken;
  private boolean isClosed;

  BodyRoom(BodyMemory memory) {
    this.memory = memory;
  }

  /** Takes room that is there. */
  synchronized void take(int length) {
    long bytes = Body.heldBytes(length);
    if (isClosed || !memory.tryTake(bytes)) {
      throw new NoRoomException();
    }
    taken += bytes;
  }

  /** Waits for room. */
  Mono<Void> await(int length) {
    long bytes = Body.heldBytes(length);
    CompletableFuture<Void> room = memory.take(bytes);
    var _ = room.thenRun(() -> took(bytes)); // also when the call ends at that very moment
    return room.isDone()
        ? Mono.empty()
        : Mono.fromFuture(room)
            .timeout(TIMEOUT)
            .onErrorMap(TimeoutException.class, late -> new NoRoomException());
  }

  private synchronized void took(long bytes) {
    if (isClosed) {
      memory.giveBack(bytes);
    } else {
      taken += bytes;
    }
  }

  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      memory.giveBack(taken);
    }
  }

  /** The bodies that are read and written now leave no room for this one. */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("no room for the body", null, false, false);
    }
  }
}
