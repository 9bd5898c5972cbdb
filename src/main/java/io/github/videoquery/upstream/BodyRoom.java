package io.github.videoquery.upstream;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * The memory that is reserved for the body of a call. It stays reserved until the body is
 * classified; then {@link io.github.videoquery.task.HeldBodies} count it.
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

  /** Reserves memory without waiting. */
  synchronized void take(int length) {
    long bytes = Body.heldBytes(length);
    if (isClosed || !memory.tryTake(bytes)) {
      throw new NoRoomException();
    }
    taken += bytes;
  }

  /** Reserves memory; waits for it if necessary. */
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

  /**
   * There is not enough memory for this body beside those being read or on their way to callers.
   */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("no room for the body", null, false, false);
    }
  }
}
