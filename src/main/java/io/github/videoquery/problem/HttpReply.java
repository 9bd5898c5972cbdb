package io.github.videoquery.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;

/**
 * An HTTP response as a value. It has two ways out: to Jetty's response, and as Spring's entity.
 *
 * @param fields each replaces those of its name
 * @param body null for none; shared, never changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpReply(int status, List<HttpField> fields, byte @Nullable [] body) {

  /** Writes it, without blocking. */
  public void writeTo(Response response, Callback callback) {
    HttpFields.Mutable headers = response.getHeaders();
    for (HttpField field : fields) {
      headers.put(field);
    }
    response.setStatus(status);
    response.write(true, body == null ? null : ByteBuffer.wrap(body), callback);
  }

  /** Writes it to a servlet's response, past Spring's converters. */
  public void writeTo(HttpServletResponse response) throws IOException {
    HttpFields.Mutable headers =
        ServletContextResponse.getServletContextResponse(response).getHeaders();
    fields.forEach(headers::put);
    response.setStatus(status);
    if (body != null) {
      response.getOutputStream().write(body);
    }
  }

  /** The same as Spring's entity, which keeps a reference to the reply. */
  public ResponseEntity<byte[]> toEntity() {
    return new Entity(this);
  }

  /** The reply that an entity was made from; null if it was made from none. */
  public static @Nullable HttpReply of(@Nullable Object entity) {
    return entity instanceof Entity made ? made.reply : null;
  }

  /** Makes its headers only when asked for them: they cost as much as all else of a small reply. */
  private static final class Entity extends ResponseEntity<byte[]> {
    private final HttpReply reply;

    Entity(HttpReply reply) {
      super(reply.body, HttpStatusCode.valueOf(reply.status));
      this.reply = reply;
    }

    @Override
    public HttpHeaders getHeaders() {
      var headers = new HttpHeaders();
      reply.fields.forEach(field -> headers.set(field.getName(), field.getValue()));
      return headers;
    }
  }

  /** The value of the field of this name; null if there is none. */
  public @Nullable String field(String name) {
    return fields.stream()
        .filter(field -> field.is(name))
        .map(HttpField::getValue)
        .findFirst()
        .orElse(null);
  }
}
