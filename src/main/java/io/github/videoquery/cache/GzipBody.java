package io.github.videoquery.cache;

import io.github.videoquery.task.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A body compressed by gzip, made when it is first needed. */
final class GzipBody {
  private static final int WORTH_IT_FROM_BYTES = 1024;

  private final Body body;
  private volatile byte @Nullable [] bytes;

  GzipBody(Body body) {
    this.body = body;
  }

  /** Whether compression saves more bytes than its header fields add. */
  boolean isWorthIt() {
    return body.length() >= WORTH_IT_FROM_BYTES;
  }

  boolean isMade() {
    return bytes != null;
  }

  /** The bytes, which are kept. */
  synchronized byte[] kept() {
    byte[] made = bytes;
    if (made == null) {
      made = compress();
      bytes = made;
    }
    return made;
  }

  /** The bytes, which are not kept. */
  byte[] passing() {
    byte[] made = bytes;
    return made != null ? made : compress();
  }

  private byte[] compress() {
    var compressed = new ByteArrayOutputStream(body.length() / 2 + 64);
    try (var stream = new GZIPOutputStream(compressed)) {
      stream.write(body.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to write", e);
    }
    return compressed.toByteArray();
  }

  /** Bytes that compressing holds at most: what is written, and its copy. */
  long roomToCompress() {
    return 2L * body.length();
  }

  /** The bytes of the heap that are kept. */
  long heldBytes() {
    byte[] made = bytes;
    return made == null ? 0 : Body.heldBytes(made.length);
  }
}
