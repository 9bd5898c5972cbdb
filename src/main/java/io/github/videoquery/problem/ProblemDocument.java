package io.github.videoquery.problem;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A problem's JSON (RFC 9457), made once but for what it names of the request. */
final class ProblemDocument {
  private static final JsonFactory JSON = new JsonFactory();

  private static final String HEAD = "{\"type\":\"";

  private final byte[] middle;

  ProblemDocument(ProblemCode code, String detail, Map<String, Integer> members) {
    this.middle = middle(code, detail, members);
  }

  /** The document, complete with the prefix and the id of the request it answers. */
  byte[] bytes(ProblemRequest request) {
    byte[] head = (HEAD + request.prefix()).getBytes(StandardCharsets.US_ASCII);
    byte[] tail = (request.requestId() + "\"}").getBytes(StandardCharsets.US_ASCII);
    byte[] document = new byte[head.length + middle.length + tail.length];
    System.arraycopy(head, 0, document, 0, head.length);
    System.arraycopy(middle, 0, document, head.length, middle.length);
    System.arraycopy(tail, 0, document, head.length + middle.length, tail.length);
    return document;
  }

  private static byte[] middle(ProblemCode code, String detail, Map<String, Integer> members) {
    var bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("type", "/problems/" + code.code());
      json.writeStringProperty("title", code.title());
      json.writeNumberProperty("status", code.status());
      json.writeStringProperty("detail", detail);
      json.writeStringProperty("code", code.code());
      members.forEach(json::writeNumberProperty);
      json.writeObjectPropertyStart("error");
      json.writeStringProperty("message", code.title() + ". " + detail);
      json.writeStringProperty("type", code.errorType());
      json.writeStringProperty("code", code.code());
      json.writeEndObject();
      json.writeStringProperty("requestId", "");
      json.writeEndObject();
    }
    byte[] complete = bytes.toByteArray();
    return Arrays.copyOfRange(complete, HEAD.length(), complete.length - "\"}".length());
  }
}
