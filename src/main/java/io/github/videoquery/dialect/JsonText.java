package io.github.videoquery.dialect;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * JSON as hosts send it. It is read strictly first, and leniently only where that fails: a prompt
 * that was cut inside a character, a raw line feed, {@code NaN}, another charset.
 */
final class JsonText {
  private static final JsonFactory STRICT = new JsonFactory();
  private static final JsonFactory LENIENT =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .build();

  private JsonText() {}

  /**
   * @param charset of the bytes; null for UTF-8
   * @param reader reads the JSON; it may be called twice
   * @return what it returned; null if the bytes are no JSON
   */
  static <T> @Nullable T read(
      byte[] bytes, @Nullable Charset charset, Function<JsonParser, @Nullable T> reader) {
    if (charset == null) {
      try (JsonParser json = STRICT.createParser(ObjectReadContext.empty(), bytes)) {
        return reader.apply(json);
      } catch (JacksonException notStrict) {
        if (!mayBeAnObject(bytes)) {
          return null;
        }
      }
    }
    String text = decoded(bytes, Objects.requireNonNullElse(charset, StandardCharsets.UTF_8));
    try (JsonParser json = LENIENT.createParser(ObjectReadContext.empty(), text)) {
      return reader.apply(json);
    } catch (JacksonException notJson) {
      return null;
    }
  }

  /** A page of HTML need not be decoded. */
  private static boolean mayBeAnObject(byte[] bytes) {
    int at = bytes.length >= 3 && bytes[0] == (byte) 0xEF ? 3 : 0;
    while (at < bytes.length && bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
    return at < bytes.length && bytes[at] == '{';
  }

  private static String decoded(byte[] bytes, Charset charset) {
    try {
      String text =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .onUnmappableCharacter(CodingErrorAction.REPLACE)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (java.nio.charset.CharacterCodingException replaced) {
      throw new IllegalStateException(replaced);
    }
  }
}
