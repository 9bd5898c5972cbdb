package io.github.videoquery.simulation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * One way to answer a call: bytes written straight to the connection, so that broken HTTP can be
 * written too.
 */
@FunctionalInterface
public interface Behaviour {
  void answer(Channel connection);

  /** A whole, correct answer. */
  static Behaviour respond(int status, String contentType, String body, String... headers) {
    return respond(status, contentType, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  static Behaviour respond(int status, String contentType, byte[] body, String... headers) {
    return connection -> write(connection, head(status, contentType, body.length, headers), body);
  }

  static Behaviour json(String body) {
    return respond(200, "application/json", body);
  }

  static Behaviour json(int status, String body) {
    return respond(status, "application/json", body);
  }

  /** The error envelope of the open source family behind the provider. */
  static Behaviour error(int status, String message, String type, String code) {
    return json(
        status,
        "{\"error\":{\"message\":\"%s (request id: 2026112219)\",\"type\":\"%s\",\"code\":\"%s\"}}"
            .formatted(message, type, code));
  }

  static Behaviour compressed(String body) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(body.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return respond(200, "application/json", bytes.toByteArray(), "Content-Encoding: gzip");
  }

  /** The same answer after a while. */
  default Behaviour after(long delayMillis) {
    return connection -> later(connection, delayMillis, () -> answer(connection));
  }

  /** These bytes. */
  static Behaviour raw(String bytes) {
    return connection -> write(connection, bytes, new byte[0]);
  }

  /** The same answer behind these bytes. */
  default Behaviour afterSending(String bytes) {
    return raw(bytes).andThen(20, this);
  }

  /** The same answer, and so much later something that nobody asked for. */
  default Behaviour andThen(long millis, Behaviour more) {
    return connection -> {
      answer(connection);
      later(connection, millis, () -> more.answer(connection));
    };
  }

  /** Says nothing and keeps the connection. */
  static Behaviour hang() {
    return connection -> {};
  }

  /** Breaks the connection (RST) before a byte of the answer. */
  static Behaviour reset() {
    return Behaviour::reset;
  }

  /** Sends the head and a part of the body, then breaks the connection. */
  static Behaviour resetAfterHeaders(String body) {
    return connection -> {
      write(
          connection,
          head(200, "application/json", body.length() + 100),
          body.getBytes(StandardCharsets.UTF_8));
      later(connection, 50, () -> reset(connection));
    };
  }

  /** Announces a length and closes in the middle. */
  static Behaviour cutWithLength(String body) {
    byte[] whole = body.getBytes(StandardCharsets.UTF_8);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    return connection ->
        writeAndClose(connection, head(200, "application/json", whole.length), half);
  }

  /** Announces no length and closes in the middle. */
  static Behaviour cutWithoutLength(String body) {
    byte[] whole = body.getBytes(StandardCharsets.UTF_8);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
    return connection -> writeAndClose(connection, head, half);
  }

  /** The same, so much later. */
  static Behaviour after(long millis, Behaviour behaviour) {
    return connection -> later(connection, millis, () -> behaviour.answer(connection));
  }

  /** Sends a byte each {@code everyMillis}: never silent, never done. */
  static Behaviour drip(String body, long everyMillis) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return connection -> {
      write(connection, head(200, "application/json", bytes.length), new byte[0]);
      drip(connection, bytes, 0, everyMillis);
    };
  }

  private static void drip(Channel connection, byte[] bytes, int sent, long everyMillis) {
    if (sent < bytes.length && connection.isActive()) {
      write(connection, "", new byte[] {bytes[sent]});
      later(connection, everyMillis, () -> drip(connection, bytes, sent + 1, everyMillis));
    }
  }

  private static void reset(Channel connection) {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    var _ = connection.close();
  }

  private static String head(int status, String contentType, int length, String... headers) {
    var head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
    if (!contentType.isEmpty()) {
      head.append("Content-Type: ").append(contentType).append("\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Server: cloud\r\nSet-Cookie: session=1\r\nX-Oneapi-Request-Id: 2026112219\r\n");
    return head.append("Content-Length: ").append(length).append("\r\n\r\n").toString();
  }

  private static void later(Channel connection, long delayMillis, Runnable then) {
    var _ = connection.eventLoop().schedule(then, delayMillis, TimeUnit.MILLISECONDS);
  }

  private static void writeAndClose(Channel connection, String head, byte[] body) {
    write(connection, head, body).addListener(ChannelFutureListener.CLOSE);
  }

  @CanIgnoreReturnValue
  private static ChannelFuture write(Channel connection, String head, byte[] body) {
    return connection.writeAndFlush(
        Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.US_ASCII), body));
  }
}
