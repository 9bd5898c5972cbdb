package io.github.videoquery.dialect;

import io.github.videoquery.dialect.SchemaDrift.Kind;
import io.github.videoquery.task.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the values of the fields that matter, and notes those of an unusual type. */
final class FieldReader {
  /** Unix times at or above this are milliseconds: as seconds it would be the year 5138. */
  private static final long MILLISECONDS_FROM = 100_000_000_000L;

  /** An id is compared with that of the query. */
  private static final int MAX_TEXT = TaskId.MAX_LENGTH;

  private final List<SchemaDrift> drifts = new ArrayList<>(0);
  private final Map<String, Boolean> secondsByTime = new HashMap<>(4);

  /** Fields of an unusual type, so far. */
  List<SchemaDrift> drifts() {
    return drifts;
  }

  /** Whether each field of a time was in seconds, or else in milliseconds. */
  Map<String, Boolean> secondsByTime() {
    return secondsByTime;
  }

  /** Reads the value of a field, if it matters. */
  void read(JsonParser json, String name, JsonToken token, AnswerFields fields) {
    switch (name) {
      case "id" -> fields.id = text(json, token);
      case "task_id" -> fields.taskId = text(json, token);
      case "status", "state", "task_status" -> readState(json, name, token, fields);
      case "code", "error_code", "status_code" -> {
        String code = textOrNumber(json, token);
        fields.code = fields.code == null || name.equals("code") ? code : fields.code;
      }
      case "type" -> fields.type = text(json, token);
      case "message", "msg", "status_msg", "error_message", "error_msg", "reason", "title" ->
          fields.addMessage(text(json, token));
      case "success" ->
          fields.success =
              token.isBoolean() ? Boolean.valueOf(token == JsonToken.VALUE_TRUE) : null;
      case "progress" -> fields.progress = token == JsonToken.VALUE_NULL ? null : scalar(json);
      case "running" ->
          fields.running =
              token == JsonToken.VALUE_TRUE
                  || "true".equalsIgnoreCase(Objects.requireNonNullElse(text(json, token), ""));
      case "created_at" -> fields.createdAt = time(name, json, token);
      case "completed_at" -> fields.completedAt = time(name, json, token);
      case "status_update_time" -> fields.statusUpdatedAt = time(name, json, token);
      case "expires_at" -> fields.expiresAt = time(name, json, token);
      case "video_url", "upsample_video_url" -> expected(name, token);
      case "detail", "error" -> {
        expected(name, token);
        fields.hasError |= name.equals("error") && isError(json, token);
        fields.addMessage(text(json, token));
      }
      default -> {
        if (LinkPlaces.ENVELOPES.contains(name)
            && (token == JsonToken.VALUE_NULL || "".equals(text(json, token)))) {
          fields.hasEmptyInner = true;
        }
      }
    }
  }

  /** Text wins over a number, and {@code status} over the others. */
  private void readState(JsonParser json, String name, JsonToken token, AnswerFields fields) {
    if (name.equals("status")) {
      expected(name, token);
    }
    String text = text(json, token);
    if (text != null && !text.isBlank()) {
      fields.state = fields.state == null || name.equals("status") ? text : fields.state;
    } else if (token.isNumeric()) {
      fields.numericState = json.getString();
    }
  }

  private static boolean isError(JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_NULL, VALUE_FALSE -> false;
      case VALUE_STRING -> !json.getString().isBlank();
      default -> true;
    };
  }

  private static @Nullable String text(JsonParser json, JsonToken token) {
    return token == JsonToken.VALUE_STRING ? scalar(json) : null;
  }

  private static String scalar(JsonParser json) {
    String text = json.getString();
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  private static @Nullable String textOrNumber(JsonParser json, JsonToken token) {
    return token.isNumeric() ? json.getString() : text(json, token);
  }

  /** Notes a field that has another type than it usually has. */
  void expected(String name, JsonToken token) {
    boolean isUsual =
        switch (name) {
          case "status", "video_url", "upsample_video_url" -> token == JsonToken.VALUE_STRING;
          case "detail" -> token == JsonToken.START_OBJECT;
          case "created_at", "completed_at", "status_update_time", "expires_at" ->
              token == JsonToken.VALUE_NUMBER_INT;
          default -> true;
        };
    if (!isUsual && token != JsonToken.VALUE_NULL) {
      drifts.add(new SchemaDrift(Kind.CHANGED_TYPE, name));
    }
  }

  private @Nullable Instant time(String name, JsonParser json, JsonToken token) {
    expected(name, token);
    if (token == JsonToken.VALUE_STRING) {
      return StatedTime.of(Objects.requireNonNull(text(json, token)));
    }
    if (!token.isNumeric() || json.getString().length() > 20) {
      return null;
    }
    double number = json.getDoubleValue();
    if (!(number > 0) || number > MILLISECONDS_FROM * 1000) {
      return null;
    }
    boolean inSeconds = number < MILLISECONDS_FROM;
    secondsByTime.put(name, inSeconds);
    return Instant.ofEpochMilli((long) (inSeconds ? number * 1000 : number));
  }

  /** The word for a log line: at most 64 of {@code A-Za-z0-9 _-}. */
  static String printable(String word) {
    String printable = word.replaceAll("[^A-Za-z0-9 _-]", "?");
    return printable.length() <= 64 ? printable : printable.substring(0, 64);
  }
}
