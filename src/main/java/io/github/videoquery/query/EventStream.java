package io.github.videoquery.query;

import io.github.videoquery.problem.RequestId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/**
 * Server-sent events, as the HTML standard's section 9.2 has them. Writing blocks the calling
 * virtual thread while the caller reads slowly.
 */
final class EventStream {
  static final String MEDIA_TYPE = "text/event-stream";

  private static final HttpField CONTENT_TYPE =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);
  private static final HttpField NO_CACHE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "private, no-cache");
  private static final HttpField VARY =
      new PreEncodedHttpField(HttpHeader.VARY, "Accept, Accept-Encoding, Origin");

  /** Tells nginx, and what learned from it, not to hold events back. */
  private static final HttpField NO_BUFFERING = new PreEncodedHttpField("X-Accel-Buffering", "no");

  private static final byte[] DATA = bytes("data: ");

  private final Response response;

  EventStream(Response response) {
    this.response = response;
  }

  String requestId() {
    return RequestId.of(response.getHeaders());
  }

  /** Sends the head, with a comment: a caller is not left to wonder until the first event. */
  void begin() throws IOException {
    HttpFields.Mutable fields = response.getHeaders();
    fields.add(CONTENT_TYPE);
    fields.add(NO_CACHE);
    fields.put(VARY);
    fields.add(NO_BUFFERING);
    response.setStatus(200);
    heartbeat();
  }

  void event(String name, byte[] data) throws IOException {
    send("event: " + name + "\n", data);
  }

  void event(String name, String id, byte[] data) throws IOException {
    send("event: " + name + "\nid: " + id + "\n", data);
  }

  /** A comment: it means nothing, and shows both sides that the other is there. */
  void heartbeat() throws IOException {
    write(bytes(":\n\n"));
  }

  /** How many milliseconds the caller should wait before it connects again. */
  void retry(long millis) throws IOException {
    write(bytes("retry: " + millis + "\n\n"));
  }

  /** Each of the data's lines becomes one of the event's, whatever ends it: CR LF, LF or CR. */
  private void send(String head, byte[] data) throws IOException {
    var event = new ByteArrayOutputStream(head.length() + data.length + 512);
    event.writeBytes(bytes(head));
    event.writeBytes(DATA);
    for (int i = 0; i < data.length; i++) {
      byte b = data[i];
      if (b == '\r' && i + 1 < data.length && data[i + 1] == '\n') {
        continue;
      }
      if (b == '\n' || b == '\r') {
        event.write('\n');
        event.writeBytes(DATA);
      } else {
        event.write(b);
      }
    }
    event.writeBytes(bytes("\n\n"));
    write(event.toByteArray());
  }

  private void write(byte[] bytes) throws IOException {
    Content.Sink.write(response, false, ByteBuffer.wrap(bytes));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
