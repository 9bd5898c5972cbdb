package io.github.videoquery.upstream;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The few fields of a provider's JSON answer that matter, picked out in one pass; everything else
 * is skipped unread.
 */
final class AnswerFields {
  static final AnswerFields NONE = new AnswerFields();

  private static final JsonFactory JSON = new JsonFactory();

  /** Unix times at or above this are milliseconds: as seconds it would be the year 5138. */
  private static final long MILLISECONDS_FROM = 100_000_000_000L;

  @Nullable String status;
  @Nullable String videoUrl;
  @Nullable Instant createdAt;
  @Nullable Instant completedAt;
  @Nullable Instant statusUpdatedAt;
  @Nullable AnswerFields detail;
  @Nullable AnswerFields data;
  boolean dataIsNull;
  boolean running;
  @Nullable String upsampleVideoUrl;
  @Nullable String code;
  @Nullable String type;
  boolean hasError;
  @Nullable AnswerFields error;

  private AnswerFields() {}

  /**
   * @return null unless the bytes are one complete JSON object
   */
  static @Nullable AnswerFields read(byte[] bytes) {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      AnswerFields fields = new AnswerFields();
      fields.readObject(json);
      return json.nextToken() == null ? fields : null;
    } catch (JacksonException notJson) {
      return null;
    }
  }

  private void readObject(JsonParser json) {
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken token = json.nextToken();
      switch (name) {
        case "status" -> status = emptyToNull(text(json, token));
        case "video_url" -> videoUrl = text(json, token);
        case "upsample_video_url" -> upsampleVideoUrl = text(json, token);
        case "created_at" -> createdAt = time(json, token);
        case "completed_at" -> completedAt = time(json, token);
        case "status_update_time" -> statusUpdatedAt = time(json, token);
        case "running" -> running = token == JsonToken.VALUE_TRUE;
        case "code" -> code = token.isNumeric() ? json.getString() : text(json, token);
        case "type" -> type = text(json, token);
        case "detail" -> detail = nested(json, token);
        case "data" -> {
          data = nested(json, token);
          dataIsNull = token == JsonToken.VALUE_NULL;
        }
        case "error" -> {
          hasError = isError(json, token);
          error = nested(json, token);
        }
        default -> {}
      }
      json.skipChildren();
    }
  }

  private static boolean isError(JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_NULL, VALUE_FALSE -> false;
      case VALUE_STRING -> !json.getString().isEmpty();
      default -> true;
    };
  }

  private static @Nullable AnswerFields nested(JsonParser json, JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      return null;
    }
    AnswerFields fields = new AnswerFields();
    fields.readObject(json);
    return fields;
  }

  private static @Nullable String text(JsonParser json, JsonToken token) {
    return token == JsonToken.VALUE_STRING ? json.getString() : null;
  }

  private static @Nullable String emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable Instant time(JsonParser json, JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return null;
    }
    long number = json.getLongValue();
    if (number <= 0 || number > MILLISECONDS_FROM * 1000) {
      return null;
    }
    return number >= MILLISECONDS_FROM
        ? Instant.ofEpochMilli(number)
        : Instant.ofEpochSecond(number);
  }
}
