package io.github.videoquery.problem;

import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
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

  public ResponseEntity<byte[]> toEntity() {
    var headers = new HttpHeaders();
    fields.forEach(field -> headers.set(field.getName(), field.getValue()));
    return ResponseEntity.status(status).headers(headers).body(body);
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
