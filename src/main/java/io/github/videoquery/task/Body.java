package io.github.videoquery.task;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A provider's JSON answer, byte for byte as it came. The bytes are shared, never copied: nobody
 * may change them.
 */
public final class Body {
  private static final int TAG_BYTES = 12;

  private final byte[] bytes;
  private final long tagStart;
  private final int tagEnd;

  public Body(byte[] bytes) {
    this.bytes = bytes;
    ByteBuffer digest = ByteBuffer.wrap(sha256(bytes));
    this.tagStart = digest.getLong();
    this.tagEnd = digest.getInt();
  }

  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return bytes.length;
  }

  /** The bytes of the heap that a body of this length takes, which can be more. */
  public static long heldBytes(int length) {
    return HeapRegions.held(length);
  }

  /**
   * A 96-bit digest of the bytes in 16 URL-safe characters: the opaque part of a strong entity tag.
   */
  public String tag() {
    byte[] digest = ByteBuffer.allocate(TAG_BYTES).putLong(tagStart).putInt(tagEnd).array();
    return Base64.getUrlEncoder().encodeToString(digest);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
