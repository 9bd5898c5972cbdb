package io.github.videoquery.upstream;

import io.github.videoquery.task.BodyMemory;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;

/**
 * Reads bodies into memory, each up to a limit, and all of them within a {@link BodyMemory}. A body
 * with a Content-Length waits until there is memory for all of it, and is then read into one array;
 * a body without one reserves memory part by part.
 */
final class BodyReader {
  private final int maxBodyBytes;
  private final BodyMemory memory;

  BodyReader(DataSize maxBodySize, BodyMemory memory) {
    this.maxBodyBytes = Math.toIntExact(maxBodySize.toBytes());
    this.memory = memory;
  }

  /**
   * The decompressed body.
   *
   * <p>Errors: {@link DataBufferLimitException} beyond the body's limit, {@link NoRoomException} if
   * there is not enough memory for it.
   */
  Mono<byte[]> read(ClientResponse response, BodyRoom room) {
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
  BodyRoom room() {
    return new BodyRoom(memory);
  }

  private interface Reading {
    Mono<Void> begin();

    void add(DataBuffer part);

    byte[] bytes();
  }

  /** A body of a length that is known before it comes. */
  private static final class Whole implements Reading {
    private final int length;
    private final BodyRoom room;
    private byte[] bytes = {};
    private int read;

    Whole(int length, BodyRoom room) {
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
    private final BodyRoom room;
    private int length;

    Parts(boolean isTooLarge, BodyRoom room) {
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
}
