package io.github.videoquery.task;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A provider's JSON answer, byte for byte as it came. The bytes are shared, never copied: nobody
 * may change them.
 */
public final class Body {
  private static final int TAG_BYTES = 12;

  private final byte[] bytes;
  private final @Nullable Charset charset;
  private final long tagStart;
  private final int tagEnd;

  public Body(byte[] bytes) {
    this(bytes, null);
  }

  /**
   * @param charset that the provider states; null for UTF-8
   */
  public Body(byte[] bytes, @Nullable Charset charset) {
    this.bytes = bytes;
    this.charset = charset;
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(bytes));
    this.tagStart = digest.getLong();
    this.tagEnd = digest.getInt();
  }

  public byte[] bytes() {
    return bytes;
  }

  /** The charset that the provider states; null for UTF-8. */
  public @Nullable Charset charset() {
    return charset;
  }

  public int length() {
    return bytes.length;
  }

  /**
   * The body in UTF-8 without a byte order mark, as an event stream needs it: the bytes themselves
   * where they are that already.
   */
  public byte[] utf8() {
    if (charset == null && isUtf8() && !hasMark()) {
      return bytes;
    }
    String text = new String(bytes, charset == null ? StandardCharsets.UTF_8 : charset);
    return (text.startsWith("\uFEFF") ? text.substring(1) : text).getBytes(StandardCharsets.UTF_8);
  }

  private boolean hasMark() {
    return bytes.length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  private boolean isUtf8() {
    boolean isAscii = true;
    for (byte b : bytes) {
      isAscii = isAscii && b >= 0;
    }
    if (isAscii) {
      return true;
    }
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
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
}
