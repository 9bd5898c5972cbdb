package io.github.videoquery.dialect;

import io.github.videoquery.dialect.AnswerFields.Link;
import io.github.videoquery.dialect.LinkPlaces.Node;
import io.github.videoquery.dialect.SchemaDrift.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Picks the fields that matter out of an answer in one pass; everything else is skipped unread. An
 * answer is read strictly first, and leniently only where that fails: a prompt that was cut inside
 * a character, a raw line feed, {@code NaN}, another charset.
 */
final class AnswerReader {
  private static final JsonFactory STRICT = new JsonFactory();
  private static final JsonFactory LENIENT =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .build();

  /** Unix times at or above this are milliseconds: as seconds it would be the year 5138. */
  private static final long MILLISECONDS_FROM = 100_000_000_000L;

  private static final int MAX_ENVELOPES = 4;
  private static final int MAX_TEXT = 512;

  private final LinkPlaces places;
  private final List<SchemaDrift> drifts = new ArrayList<>(0);
  private final Map<String, Boolean> secondsByTime = new HashMap<>(4);

  private AnswerReader(LinkPlaces places) {
    this.places = places;
  }

  /** What was read. */
  record Answer(
      AnswerFields fields, List<SchemaDrift> drifts, Map<String, Boolean> secondsByTime) {}

  /**
   * @param charset of the bytes; null for UTF-8
   * @return null unless the bytes are one complete JSON object
   */
  static @Nullable Answer read(byte[] bytes, @Nullable Charset charset, LinkPlaces places) {
    if (charset == null) {
      try (JsonParser json = STRICT.createParser(ObjectReadContext.empty(), bytes)) {
        return new AnswerReader(places).read(json);
      } catch (JacksonException notStrict) {
        if (!mayBeAnObject(bytes)) {
          return null;
        }
      }
    }
    String text = decoded(bytes, Objects.requireNonNullElse(charset, StandardCharsets.UTF_8));
    try (JsonParser json = LENIENT.createParser(ObjectReadContext.empty(), text)) {
      return new AnswerReader(places).read(json);
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

  private @Nullable Answer read(JsonParser json) {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    var fields = new AnswerFields();
    var _ = readObject(json, fields, List.of(places.root()), 0);
    return json.nextToken() == null ? new Answer(fields, drifts, secondsByTime) : null;
  }

  /** Returns how many fields there were. */
  private int readObject(JsonParser json, AnswerFields fields, List<Node> nodes, int envelopes) {
    int count = 0;
    for (String raw = json.nextName(); raw != null; raw = json.nextName()) {
      count++;
      JsonToken token = json.nextToken();
      String name = LinkPlaces.snakeCase(raw);
      if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        if (token == JsonToken.START_ARRAY) {
          expected(name, token);
        }
        readNested(json, name, token, fields, nodes, envelopes);
      } else {
        readValue(json, name, token, fields);
        readLink(json, name, token, fields, nodes);
      }
    }
    return count;
  }

  private void readNested(
      JsonParser json,
      String name,
      JsonToken token,
      AnswerFields fields,
      List<Node> nodes,
      int envelopes) {
    boolean isObject = token == JsonToken.START_OBJECT;
    if (name.equals("error")) {
      fields.hasError = true;
    }
    if (LinkPlaces.isNever(name)) {
      json.skipChildren();
      return;
    }
    List<Node> below = step(nodes, name);
    boolean isEnvelope = LinkPlaces.ENVELOPES.contains(name) && envelopes < MAX_ENVELOPES;
    if (isObject && isEnvelope) {
      var inner = new AnswerFields(fields.links);
      below.add(places.root());
      boolean isEmpty = readObject(json, inner, below, envelopes + 1) == 0;
      fields.hasEmptyInner |= isEmpty;
      if (!isEmpty) {
        fields.inner.add(inner);
      }
    } else if (isEnvelope) {
      fields.hasEmptyInner |= readList(json, fields, below) == 0;
    } else if (isObject && name.equals("detail")) {
      fields.detail = nested(json, fields, below);
    } else if (isObject && name.equals("error")) {
      fields.error = nested(json, fields, below);
    } else if (isObject && name.startsWith("base_resp")) {
      fields.baseResp = nested(json, fields, below);
    } else if (below.isEmpty()) {
      json.skipChildren();
    } else if (isObject) {
      var _ = nested(json, fields, below);
    } else {
      var _ = readList(json, fields, below);
    }
  }

  private AnswerFields nested(JsonParser json, AnswerFields fields, List<Node> below) {
    var nested = new AnswerFields(fields.links);
    var _ = readObject(json, nested, below, MAX_ENVELOPES);
    return nested;
  }

  /** Returns how many elements there were. */
  private int readList(JsonParser json, AnswerFields fields, List<Node> nodes) {
    List<Node> below = step(nodes, "[]");
    int count = 0;
    for (JsonToken token = json.nextToken();
        token != JsonToken.END_ARRAY && token != null;
        token = json.nextToken()) {
      count++;
      if (token == JsonToken.START_OBJECT && !below.isEmpty()) {
        var _ = nested(json, fields, below);
      } else if (token == JsonToken.START_ARRAY && !below.isEmpty()) {
        var _ = readList(json, fields, below);
      } else if (token == JsonToken.VALUE_STRING) {
        below.forEach(node -> addLink(json, node, fields));
      } else {
        json.skipChildren();
      }
    }
    return count;
  }

  private static List<Node> step(List<Node> nodes, String name) {
    var next = new ArrayList<Node>(2);
    for (Node node : nodes) {
      Node step = node.step(name);
      if (step != null) {
        next.add(step);
      }
    }
    return next;
  }

  private void readLink(
      JsonParser json, String name, JsonToken token, AnswerFields fields, List<Node> nodes) {
    if (token != JsonToken.VALUE_STRING) {
      return;
    }
    for (Node node : nodes) {
      Node place = node.step(name);
      if (place != null && !LinkPlaces.isNever(name)) {
        addLink(json, place, fields);
      }
    }
  }

  private static void addLink(JsonParser json, Node place, AnswerFields fields) {
    if (place.rank() == Node.NONE) {
      return;
    }
    String text = json.getString().strip();
    if (LinkText.isLink(text, LinkPlaces.isDocumented(place.rank()))) {
      fields.links.add(new Link(place.rank(), text));
    }
  }

  private void readValue(JsonParser json, String name, JsonToken token, AnswerFields fields) {
    switch (name) {
      case "id" -> fields.id = text(json, token);
      case "task_id" -> fields.taskId = text(json, token);
      case "status", "state", "task_status" -> readState(json, name, token, fields);
      case "code", "error_code", "status_code" -> {
        String code = textOrNumber(json, token);
        fields.code = fields.code == null || name.equals("code") ? code : fields.code;
      }
      case "type" -> fields.type = text(json, token);
      case "message", "msg", "status_msg" -> fields.message = text(json, token);
      case "success" ->
          fields.success =
              token.isBoolean() ? Boolean.valueOf(token == JsonToken.VALUE_TRUE) : null;
      case "progress" -> fields.hasProgress = token != JsonToken.VALUE_NULL;
      case "running" ->
          fields.running =
              token == JsonToken.VALUE_TRUE
                  || "true".equalsIgnoreCase(Objects.requireNonNullElse(text(json, token), ""));
      case "created_at" -> fields.createdAt = time(name, json, token);
      case "completed_at" -> fields.completedAt = time(name, json, token);
      case "status_update_time" -> fields.statusUpdatedAt = time(name, json, token);
      case "expires_at" -> fields.expiresAt = time(name, json, token);
      case "video_url", "upsample_video_url" -> expected(name, token);
      case "detail" -> expected(name, token);
      case "error" -> fields.hasError = isError(json, token);
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
    if (token != JsonToken.VALUE_STRING) {
      return null;
    }
    String text = json.getString();
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  private static @Nullable String textOrNumber(JsonParser json, JsonToken token) {
    return token.isNumeric() ? json.getString() : text(json, token);
  }

  /** Notes a field that has another type than it usually has. */
  private void expected(String name, JsonToken token) {
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
      return LinkExpiry.time(Objects.requireNonNull(text(json, token)));
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
