package io.github.videoquery.dialect;

import io.github.videoquery.task.Body;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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
   */
  public static byte[] of(Body body) {
    byte[] bytes = body.bytes();
    if (body.isPlainUtf8() && isStrict(bytes)) {
      return bytes;
    }
    byte[] written = JsonText.read(bytes, body.charset(), StrictJson::written);
    return written == null ? NULL : written;
  }

  /** The parser would also take UTF-16, which is full of zero bytes, for strict JSON. */
  private static boolean isStrict(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return false;
      }
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
