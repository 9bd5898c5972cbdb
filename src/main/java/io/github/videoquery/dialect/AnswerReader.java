package io.github.videoquery.dialect;

import io.github.videoquery.dialect.LinkPlaces.Node;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Picks the objects that matter out of an answer in one pass, and the links in them; everything
 * else is skipped unread. {@link FieldReader} reads the values.
 */
final class AnswerReader {
  private static final int MAX_ENVELOPES = 4;

  private final LinkPlaces places;
  private final FieldReader values = new FieldReader();

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
    return JsonText.read(bytes, charset, json -> new AnswerReader(places).read(json));
  }

  private @Nullable Answer read(JsonParser json) {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    var fields = new AnswerFields();
    var _ = readObject(json, fields, List.of(places.root()), 0);
    return json.nextToken() == null
        ? new Answer(fields, values.drifts(), values.secondsByTime())
        : null;
  }

  /** Reads the object's fields; returns true if it had none. */
  private boolean readObject(
      JsonParser json, AnswerFields fields, List<Node> nodes, int envelopes) {
    boolean isEmpty = true;
    for (String raw = json.nextName(); raw != null; raw = json.nextName()) {
      isEmpty = false;
      JsonToken token = json.nextToken();
      String name = SnakeCase.of(raw);
      if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        if (token == JsonToken.START_ARRAY) {
          values.expected(name, token);
        }
        readNested(json, name, token, fields, nodes, envelopes);
      } else {
        values.read(json, name, token, fields);
        LinkReader.read(json, name, token, fields, nodes);
      }
    }
    return isEmpty;
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
    List<Node> below = LinkReader.step(nodes, name);
    boolean isEnvelope = LinkPlaces.ENVELOPES.contains(name) && envelopes < MAX_ENVELOPES;
    if (isObject && isEnvelope) {
      var inner = new AnswerFields(fields.links);
      below.add(places.root());
      boolean isEmpty = readObject(json, inner, below, envelopes + 1);
      fields.hasEmptyInner |= isEmpty;
      if (!isEmpty) {
        fields.inner.add(inner);
      }
    } else if (isEnvelope) {
      boolean isEmpty = readList(json, fields, below);
      fields.hasEmptyInner |= isEmpty;
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

  /** Reads the list's elements; returns true if it had none. */
  private boolean readList(JsonParser json, AnswerFields fields, List<Node> nodes) {
    List<Node> below = LinkReader.step(nodes, "[]");
    boolean isEmpty = true;
    for (JsonToken token = json.nextToken();
        token != JsonToken.END_ARRAY && token != null;
        token = json.nextToken()) {
      isEmpty = false;
      if (token == JsonToken.START_OBJECT && !below.isEmpty()) {
        var _ = nested(json, fields, below);
      } else if (token == JsonToken.START_ARRAY && !below.isEmpty()) {
        var _ = readList(json, fields, below);
      } else if (token == JsonToken.VALUE_STRING) {
        below.forEach(node -> LinkReader.add(json, node, fields));
      } else {
        json.skipChildren();
      }
    }
    return isEmpty;
  }
}
