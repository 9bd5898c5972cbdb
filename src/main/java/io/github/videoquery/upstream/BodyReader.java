package io.github.videoquery.upstream;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;

/**
 * Reads bodies into memory, each up to a limit, and all of them within a {@link BodyMemory}. A body
 * whose length is announced waits for its room before a byte of it is read, and is read into place;
 * one without takes room part by part.
 */
final class BodyReader {
  /** The longest wait for room. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final int maxBodyBytes;
  private final BodyMemory memory;

  BodyReader(DataSize maxBodySize, BodyMemory memory) {
    this.maxBodyBytes = Math.toIntExact(maxBodySize.toBytes());
    this.memory = memory;
  }

  /**
   * The decompressed body.
   *
   * <p>Errors: {@link DataBufferLimitException} beyond the body's limit, {@link NoRoomException}
   * where there is no room for it.
   */
  Mono<byte[]> read(ClientResponse response, Room room) {
    long announced = response.headers().contentLength().orElse(-1);
    Reading body =
        announced >= 0 && announced <= maxBodyBytes
            ? new Whole((int) announced, room)
            : new Parts(announced > maxBodyBytes, room);
    return body.begin()
        .thenMany(response.body(BodyExtractors.toDataBuffers()))
        .collect(() -> body, Reading::add)
        .map(Reading::bytes);
  }

  /** Room for the body of one call. */
  Room room() {
    return new Room();
  }

  /**
   * What a call's body takes of the memory, until the call is closed: a body that was read has to
   * be classified, and waits for a processor meanwhile.
   */
  final class Room implements AutoCloseable {
    private long taken;
    private boolean isClosed;

    /** Takes room that is there. */
    private synchronized void take(int length) {
      long bytes = Body.heldBytes(length);
      if (isClosed || !memory.tryTake(bytes)) {
        throw new NoRoomException();
      }
      taken += bytes;
    }

    /** Waits for room. */
    private Mono<Void> await(int length) {
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
  }

  private interface Reading {
    Mono<Void> begin();

    void add(DataBuffer part);

    byte[] bytes();
  }

  /** A body of a length that is known before it comes. */
  private static final class Whole implements Reading {
    private final int length;
    private final Room room;
    private byte[] bytes = {};
    private int read;

    Whole(int length, Room room) {
      this.length = length;
      this.room = room;
    }

    @Override
    public Mono<Void> begin() {
      return room.await(length);
    }

    @Override
    public void add(DataBuffer part) {
      try {
        int more = part.readableByteCount();
        if (bytes.length == 0) {
          bytes = new byte[length];
        }
        if (read + more > length) {
          throw new DataBufferLimitException("A body exceeds its announced length");
        }
        part.read(bytes, read, more);
        read += more;
      } finally {
        DataBufferUtils.release(part);
      }
    }

    @Override
    public byte[] bytes() {
      return bytes;
    }
  }

  private final class Parts implements Reading {
    private final List<byte[]> parts = new ArrayList<>();
    private final boolean isTooLarge;
    private final Room room;
    private int length;

    Parts(boolean isTooLarge, Room room) {
      this.isTooLarge = isTooLarge;
      this.room = room;
    }

    @Override
    public Mono<Void> begin() {
      return Mono.empty();
    }

    @Override
    public void add(DataBuffer part) {
      try {
        int more = part.readableByteCount();
        if (isTooLarge || length + more > maxBodyBytes) {
          throw new DataBufferLimitException("A body exceeds " + maxBodyBytes + " bytes");
        }
        room.take(more);
        byte[] bytes = new byte[more];
        part.read(bytes);
        parts.add(bytes);
        length += more;
      } finally {
        DataBufferUtils.release(part);
      }
    }

    /** Most bodies come in one part, which is not copied. */
    @Override
    public byte[] bytes() {
      if (parts.size() == 1) {
        return parts.getFirst();
      }
      room.take(length);
      byte[] joined = new byte[length];
      int at = 0;
      for (byte[] part : parts) {
        System.arraycopy(part, 0, joined, at, part.length);
        at += part.length;
      }
      return joined;
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
