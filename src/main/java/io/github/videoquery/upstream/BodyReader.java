package io.github.videoquery.upstream;

import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads bodies into memory, each up to a limit and all that are being read at once up to another.
 */
final class BodyReader {
  private static final long MAX_IN_FLIGHT = DataSize.ofMegabytes(64).toBytes();
  private static final long SETTLED = Long.MIN_VALUE;
  private static final byte[] EMPTY = {};

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
    return Mono.defer(
        () -> {
          var taken = new AtomicLong();
          Flux<DataBuffer> parts =
              response.body(BodyExtractors.toDataBuffers()).doOnNext(part -> take(part, taken));
          return DataBufferUtils.join(parts, maxBodyBytes)
              .map(BodyReader::bytes)
              .defaultIfEmpty(EMPTY)
              .doFinally(end -> inFlight.addAndGet(-taken.getAndSet(SETTLED)));
        });
  }

  private void take(DataBuffer part, AtomicLong taken) {
    int size = part.readableByteCount();
    if (taken.addAndGet(size) < 0) { // came after the end: nobody waits for it
      DataBufferUtils.release(part);
      throw new NoRoomException();
    }
    if (inFlight.addAndGet(size) > MAX_IN_FLIGHT) {
      DataBufferUtils.release(part);
      throw new NoRoomException();
    }
  }

  private static byte[] bytes(DataBuffer body) {
    byte[] bytes = new byte[body.readableByteCount()];
    body.read(bytes);
    DataBufferUtils.release(body);
    return bytes;
  }

  /** All bodies being read at once are larger than this service holds. */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("bodies in flight exceed " + MAX_IN_FLIGHT + " bytes", null, false, false);
    }
  }
}
