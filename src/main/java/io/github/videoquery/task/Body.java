package io.github.videoquery.task;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A provider's JSON answer, byte for byte as it came, and a digest of what in it is news: some
 * hosts send a new {@code request_id} or time in each answer. The bytes are shared, never copied:
 * nobody may change them.
 */
public final class Body {
  private static final int TAG_BYTES = 12;
  private static final int NEWS_BYTES = 6;
  private static final char BEFORE_NEWS = '.';
  private static final int NEWS_AT = 17;

  /** The length of each {@link #tag()}. */
  public static final int TAG_LENGTH = 25;

  private final byte[] bytes;
  private final @Nullable Charset charset;
  private final long tagStart;
  private final int tagEnd;
  private final long news;

  /** In UTF-8; each other answer is news. */
  public Body(byte[] bytes) {
    this(bytes, null, newsDigest(bytes));
  }

  /**
   * @param charset that the provider states; null for UTF-8
   * @param news what has to change for another answer to be news
   */
  public Body(byte[] bytes, @Nullable Charset charset, String news) {
    this(bytes, charset, newsDigest(news.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * @param news {@link #newsDigest()}
   */
  public Body(byte[] bytes, @Nullable Charset charset, long news) {
    this.bytes = bytes;
    this.charset = charset;
    this.news = news;
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
    if (isPlainUtf8()) {
      return bytes;
    }
    String text = new String(bytes, charset == null ? StandardCharsets.UTF_8 : charset);
    return (text.startsWith("\uFEFF") ? text.substring(1) : text).getBytes(StandardCharsets.UTF_8);
  }

  /** Whether the bytes are valid UTF-8 without a byte order mark. */
  public boolean isPlainUtf8() {
    return charset == null && isUtf8() && !hasMark();
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
   * The opaque part of a strong entity tag: a 96-bit digest of the bytes in 16 URL-safe characters,
   * a full stop, and {@link #news()}.
   */
  public String tag() {
    byte[] digest = ByteBuffer.allocate(TAG_BYTES).putLong(tagStart).putInt(tagEnd).array();
    return Base64.getUrlEncoder().encodeToString(digest) + BEFORE_NEWS + news();
  }

  /** A 48-bit digest of what is news, in 8 URL-safe characters. */
  public String news() {
    byte[] digest = ByteBuffer.allocate(Long.BYTES).putLong(news).array();
    byte[] last = Arrays.copyOfRange(digest, Long.BYTES - NEWS_BYTES, Long.BYTES);
    return Base64.getUrlEncoder().encodeToString(last);
  }

  /** The same as a number, to be stored. */
  public long newsDigest() {
    return news;
  }

  /**
   * The {@link #news()} of a {@link #tag()}, whatever follows it: compressing proxies append the
   * name of their coding. Null if the text is no such tag.
   */
  public static @Nullable String newsOf(@Nullable String tag) {
    return tag == null || tag.length() < TAG_LENGTH || tag.charAt(NEWS_AT - 1) != BEFORE_NEWS
        ? null
        : tag.substring(NEWS_AT, TAG_LENGTH);
  }

  private static long newsDigest(byte[] news) {
    return ByteBuffer.wrap(Sha256.of(news)).getLong() >>> (Long.SIZE - Byte.SIZE * NEWS_BYTES);
  }
}
