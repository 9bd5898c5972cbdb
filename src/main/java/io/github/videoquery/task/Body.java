package io.github.videoquery.task;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * A provider's JSON answer, byte for byte as it came. The bytes are shared, never copied: nobody
 * may change them.
 */
public final class Body {
  private static final int TAG_BYTES = 12;

  private final byte[] bytes;
  private final String tag;

  public Body(byte[] bytes) {
    this.bytes = bytes;
    this.tag = Base64.getUrlEncoder().encodeToString(Arrays.copyOf(sha256(bytes), TAG_BYTES));
  }

  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return bytes.length;
  }

  /**
   * A 96-bit digest of the bytes in 16 URL-safe characters: the opaque part of a strong entity tag.
   */
  public String tag() {
    return tag;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
