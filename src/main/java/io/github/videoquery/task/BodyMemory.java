package io.github.videoquery.task;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * The part of the heap for bodies that are being read from the provider, or are on their way to
 * callers, whether the cache keeps them or not. A body is read only when there is memory for it;
 * without this limit, the process could run out of memory.
 *
 * <p>Holding a body that was read never waits, because it is in memory already. A body with several
 * holders counts once. The latest answer of a feed is not counted: it would keep other bodies out
 * as long as somebody watches the task.
 */
public final class BodyMemory {
  /** Smaller bodies are not counted after they were read: sockets take them at once. */
  private static final int COUNTED_FROM_BYTES = 64 << 10;

  private final long capacity;
  private long held;
  private final Queue<Waiting> queue = new ArrayDeque<>();
  private final IdentityHashMap<Body, Integer> holders = new IdentityHashMap<>();

  private record Waiting(long bytes, CompletableFuture<Void> room) {}

  /**
   * @param capacity in bytes
   */
  public BodyMemory(long capacity) {
    this.capacity = capacity;
  }

  /**
   * Reserves this many bytes, at once or as soon as they are free. To stop waiting, cancel the
   * future. {@link #giveBack} releases the bytes.
   */
  public CompletableFuture<Void> take(long bytes) {
    synchronized (this) {
      if (held + bytes > capacity) {
        var waiting = new Waiting(bytes, new CompletableFuture<>());
        queue.add(waiting);
        return waiting.room;
      }
      held += bytes;
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Reserves this many bytes, if they are free now. */
  public synchronized boolean tryTake(long bytes) {
    if (held + bytes > capacity) {
      return false;
    }
    held += bytes;
    return true;
  }

  public void giveBack(long bytes) {
    List<Waiting> granted = free(bytes);
    for (Waiting waiting : granted) {
      if (!waiting.room.complete(null)) { // waits no longer
        giveBack(waiting.bytes);
      }
    }
  }

  private synchronized List<Waiting> free(long bytes) {
    held -= bytes;
    List<Waiting> granted = new ArrayList<>();
    for (Waiting next = queue.peek(); next != null; next = queue.peek()) {
      boolean isOver = next.room.isDone();
      if (!isOver && held + next.bytes > capacity) {
        break;
      }
      queue.remove();
      if (!isOver) {
        held += next.bytes;
        granted.add(next);
      }
    }
    return granted;
  }

  /** Whether a body of this size is counted after it was read. */
  public static boolean isCounted(Body body) {
    return body.length() >= COUNTED_FROM_BYTES;
  }

  /** A new holder of bodies. */
  public HeldBodies holder() {
    return new HeldBodies(this);
  }

  synchronized void hold(Body body) {
    if (holders.merge(body, 1, Integer::sum) == 1) {
      held += Body.heldBytes(body.length());
    }
  }

  void release(Body body) {
    if (isLastHolder(body)) {
      giveBack(Body.heldBytes(body.length()));
    }
  }

  private synchronized boolean isLastHolder(Body body) {
    return holders.merge(body, -1, (holding, one) -> holding == 1 ? null : holding - 1) == null;
  }

  /** Bytes taken or held. */
  public synchronized long held() {
    return held;
  }
}
