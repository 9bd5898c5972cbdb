package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events, as the HTML standard's section 9.2 has them. Writing an event blocks the
 * calling virtual thread while the caller reads slowly.
 */
final class EventStream {
  static final String MEDIA_TYPE = "text/event-stream";

  private static final HttpField CONTENT_TYPE =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);

  /** Compressing proxies would hold events back (RFC 9111, section 5.2.2.6). */
  private static final HttpField NO_TRANSFORM =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "private, no-cache, no-transform");

  /** Tells nginx, and proxies that follow it, not to buffer events. */
  private static final HttpField NO_BUFFERING = new PreEncodedHttpField("X-Accel-Buffering", "no");

  private static final byte[] COMMENT = bytes(":\n");
  private static final byte[] DATA = bytes("data: ");
  private static final int PART_BYTES = 16 << 10;

  private final Response response;

  EventStream(Response response) {
    this.response = response;
  }

  /** What a problem names of the stream's request. */
  ProblemRequest request() {
    return ProblemRequest.of(response);
  }

  /** Sends the head and a comment, so that the caller sees at once that the stream is open. */
  void begin() throws IOException {
    HttpFields.Mutable fields = response.getHeaders();
    fields.add(CONTENT_TYPE);
    fields.put(NO_TRANSFORM);
    fields.add(NO_BUFFERING);
    response.setStatus(200);
    comment();
  }

  /**
   * @param id what the caller sends back as {@code Last-Event-ID}; null leaves the one that it has
   * @param data in parts; no line break of two bytes is in two of them
   */
  void event(String name, @Nullable String id, byte[]... data) throws IOException {
    send("event: " + name + (id == null ? "" : "\nid: " + id) + "\n", data);
  }

  /**
   * A comment line, as a heartbeat for both sides. No blank line follows, because widely used
   * clients would deliver that as an event without data.
   */
  void comment() throws IOException {
    write(COMMENT);
  }

  /** The same without blocking the calling thread. */
  void comment(Callback callback) {
    response.write(false, ByteBuffer.wrap(COMMENT), callback);
  }

  /** How many milliseconds the caller should wait before it connects again; it holds at once. */
  void retry(long millis) throws IOException {
    write(bytes("retry: " + millis + "\n"));
  }

  /**
   * Each of the data's lines becomes one of the event's, whatever ends it: CR LF, LF or CR. A large
   * event is written in parts, so that a stream never holds a copy of a body of megabytes.
   */
  private void send(String head, byte[][] parts) throws IOException {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var event = new ByteArrayOutputStream(Math.min(head.length() + length + 512, PART_BYTES));
    event.writeBytes(bytes(head));
    event.writeBytes(DATA);
    for (byte[] part : parts) {
      send(part, event);
    }
    event.writeBytes(bytes("\n\n"));
    write(event.toByteArray());
  }

  private void send(byte[] data, ByteArrayOutputStream event) throws IOException {
    for (int i = 0; i < data.length; i++) {
      byte b = data[i];
      if (b == '\r' && i + 1 < data.length && data[i + 1] == '\n') {
        continue;
      }
      if (event.size() > PART_BYTES - DATA.length) {
        write(event.toByteArray());
        event.reset();
      }
      if (b == '\n' || b == '\r') {
        event.write('\n');
        event.writeBytes(DATA);
      } else {
        event.write(b);
      }
    }
  }

  private void write(byte[] bytes) throws IOException {
    Content.Sink.write(response, false, ByteBuffer.wrap(bytes));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
