package io.github.videoquery.dialect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A provider's answer as it can stand inside another JSON object. */
public final class StrictJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private StrictJson() {}

  /**
   * The bytes themselves where they are one value of strict JSON in UTF-8. Else the same value
   * written anew: without a byte order mark, with replacement characters for malformed ones, and
   * with {@code null} for {@code NaN} and infinities.
   *
   * @param charset of the bytes; null for UTF-8
   */
  public static byte[] of(byte[] bytes, @Nullable Charset charset) {
    if (charset == null && isStrict(bytes)) {
      return bytes;
    }
    byte[] written = JsonText.read(bytes, charset, StrictJson::written);
    return written == null ? NULL : written;
  }

  private static boolean isStrict(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] == (byte) 0xEF) { // a mark, which the parser skips
      return false;
    }
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      json.nextToken();
      json.skipChildren();
      return json.nextToken() == null;
    } catch (JacksonException notStrict) {
      return false;
    }
  }

  private static byte[] written(JsonParser json) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator copy = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      int depth = 0;
      do {
        JsonToken token = json.nextToken();
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token == JsonToken.VALUE_NUMBER_FLOAT && json.isNaN()) {
          copy.writeNull();
        } else {
          copy.copyCurrentEventExact(json);
        }
      } while (depth > 0);
    }
    return bytes.toByteArray();
  }
}
