package io.github.videoquery.upstream;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  static final AnswerFields NONE = new AnswerFields(List.of(), Map.of());

  private static final JsonFactory JSON = new JsonFactory();

  /** Unix times at or above this are milliseconds: as seconds it would be the year 5138. */
  private static final long MILLISECONDS_FROM = 100_000_000_000L;

  @Nullable String id;
  @Nullable String taskId;
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

  /** Of this object and those in it, as the next. */
  private final List<Drift> drifts;

  private final Map<String, Boolean> secondsByTime;

  private AnswerFields(List<Drift> drifts, Map<String, Boolean> secondsByTime) {
    this.drifts = drifts;
    this.secondsByTime = secondsByTime;
  }

  /** Whether times are in seconds rather than milliseconds, by the field's name. */
  Map<String, Boolean> secondsByTime() {
    return secondsByTime;
  }

  List<Drift> drifts() {
    return drifts;
  }

  /**
   * @return null unless the bytes are one complete JSON object
   */
  static @Nullable AnswerFields read(byte[] bytes) {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      AnswerFields fields = new AnswerFields(new ArrayList<>(0), new HashMap<>(4));
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
        case "id" -> id = token == JsonToken.VALUE_STRING ? json.getString() : null;
        case "task_id" -> taskId = token == JsonToken.VALUE_STRING ? json.getString() : null;
        case "status" -> status = emptyToNull(text(name, json, token));
        case "video_url" -> videoUrl = text(name, json, token);
        case "upsample_video_url" -> upsampleVideoUrl = text(name, json, token);
        case "created_at" -> createdAt = time(name, json, token);
        case "completed_at" -> completedAt = time(name, json, token);
        case "status_update_time" -> statusUpdatedAt = time(name, json, token);
        case "running" -> running = token == JsonToken.VALUE_TRUE;
        case "code" -> {
          boolean isWord = token == JsonToken.VALUE_STRING || token.isNumeric();
          code = isWord ? json.getString() : null;
        }
        case "type" -> type = token == JsonToken.VALUE_STRING ? json.getString() : null;
        case "detail" -> detail = nested(json, expected(name, token, JsonToken.START_OBJECT));
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

  private @Nullable AnswerFields nested(JsonParser json, JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      return null;
    }
    AnswerFields fields = new AnswerFields(drifts, secondsByTime);
    fields.readObject(json);
    return fields;
  }

  private @Nullable String text(String name, JsonParser json, JsonToken token) {
    return expected(name, token, JsonToken.VALUE_STRING) == JsonToken.VALUE_STRING
        ? json.getString()
        : null;
  }

  private static @Nullable String emptyToNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  /** The token, whether it is the usual one or not. */
  private JsonToken expected(String name, JsonToken token, JsonToken usual) {
    if (token != usual && token != JsonToken.VALUE_NULL) {
      drifts.add(new Drift(Drift.Kind.CHANGED_TYPE, name));
    }
    return token;
  }

  private @Nullable Instant time(String name, JsonParser json, JsonToken token) {
    if (expected(name, token, JsonToken.VALUE_NUMBER_INT) != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return null;
    }
    long number = json.getLongValue();
    if (number <= 0 || number > MILLISECONDS_FROM * 1000) {
      return null;
    }
    boolean inSeconds = number < MILLISECONDS_FROM;
    secondsByTime.put(name, inSeconds);
    return inSeconds ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
  }
}
