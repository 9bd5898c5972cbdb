package io.github.videoquery.task;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest SHA-256 (FIPS 180-4), which every JDK has. */
public final class Sha256 {
  private Sha256() {}

  /** The 32 bytes of the digest over all parts in order. */
  public static byte[] of(byte[]... parts) {
    MessageDigest digest = digest();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  /** A digest to be fed. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
