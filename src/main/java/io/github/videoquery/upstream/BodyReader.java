package io.github.videoquery.upstream;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;

/**
 * Reads bodies into memory, each up to a limit and all that are being read at once up to another.
 */
final class BodyReader {
  private static final long MAX_IN_FLIGHT = DataSize.ofMegabytes(64).toBytes();
  private static final long SETTLED = Long.MIN_VALUE;

  private final int maxBodyBytes;
  private final AtomicLong inFlight = new AtomicLong();

  BodyReader(DataSize maxBodySize) {
    this.maxBodyBytes = Math.toIntExact(maxBodySize.toBytes());
  }

  /**
   * The decompressed body.
   *
   * <p>Errors: {@link DataBufferLimitException} beyond the body's limit, {@link NoRoomException}
   * beyond that of all.
   */
  Mono<byte[]> read(ClientResponse response) {
    var body = new Body();
    return response
        .body(BodyExtractors.toDataBuffers())
        .collect(() -> body, Body::add)
        .map(Body::bytes)
        .doFinally(end -> body.settle());
  }

  private final class Body {
    private byte[] first = {};
    private @Nullable ByteArrayOutputStream joined;
    private final AtomicLong taken = new AtomicLong();

    void add(DataBuffer part) {
      byte[] bytes = new byte[part.readableByteCount()];
      part.read(bytes);
      DataBufferUtils.release(part);
      long length = taken.addAndGet(bytes.length);
      if (length < 0 || inFlight.addAndGet(bytes.length) > MAX_IN_FLIGHT) { // settled, or no room
        throw new NoRoomException();
      }
      if (length > maxBodyBytes) {
        throw new DataBufferLimitException("A body exceeds " + maxBodyBytes + " bytes");
      }
      if (length == bytes.length) {
        first = bytes;
      } else {
        if (joined == null) {
          joined = new ByteArrayOutputStream();
          joined.writeBytes(first);
        }
        joined.writeBytes(bytes);
      }
    }

    /** Most bodies come in one part, which is not copied. */
    byte[] bytes() {
      return joined == null ? first : joined.toByteArray();
    }

    void settle() {
      inFlight.addAndGet(-taken.getAndSet(SETTLED));
    }
  }

  /** All bodies being read at once are larger than this service holds. */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("bodies in flight exceed " + MAX_IN_FLIGHT + " bytes", null, false, false);
    }
  }
}
