package io.github.videoquery.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Bytes sent as they are, for requests that no client library would send; and what came back. */
public record RawHttp(String statusLine, Map<String, String> headers, String body) {

  public static RawHttp send(int port, String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(15_000);
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      } catch (IOException alreadyRefused) {
        // the answer is on its way
      }
      return read(socket);
    }
  }

  /** On a connection that stays open. */
  public static RawHttp send(Socket socket, String request) throws IOException {
    socket.setSoTimeout(15_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return read(socket);
  }

  private static RawHttp read(Socket socket) throws IOException {
    var bytes = new ByteArrayOutputStream();
    int length = Integer.MAX_VALUE;
    int head = -1;
    try {
      for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
        bytes.write(b);
        if (head < 0
            && b == '\n'
            && bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
          head = bytes.size();
          String contentLength =
              parse(bytes.toString(StandardCharsets.ISO_8859_1)).headers.get("content-length");
          length = contentLength == null ? length : head + Integer.parseInt(contentLength);
        }
        if (bytes.size() == length) {
          break;
        }
      }
    } catch (IOException reset) {
      // whatever arrived is the answer
    }
    return parse(bytes.toString(StandardCharsets.UTF_8));
  }

  /** The parts of an answer as it came. */
  public static RawHttp parse(String answer) {
    String[] parts = answer.split("\r\n\r\n", 2);
    String[] lines = parts[0].split("\r\n", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      String[] header = lines[i].split(": ?", 2);
      headers.put(header[0].toLowerCase(Locale.ROOT), header.length > 1 ? header[1] : "");
    }
    return new RawHttp(lines[0], headers, parts.length > 1 ? parts[1] : "");
  }

  public int status() {
    return statusLine.isEmpty() ? 0 : Integer.parseInt(statusLine.split(" ", 3)[1]);
  }

  /** Everything that comes back until the connection ends, or is silent after it has begun. */
  public static String exchange(int port, String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(15_000);
      Thread.ofVirtual().start(() -> write(socket, request));
      var bytes = new ByteArrayOutputStream();
      try {
        int first = socket.getInputStream().read();
        if (first >= 0) {
          bytes.write(first);
          socket.setSoTimeout(500);
          socket.getInputStream().transferTo(bytes);
        }
      } catch (IOException silentOrReset) {
        // what came is the answer
      }
      return bytes.toString(StandardCharsets.ISO_8859_1);
    }
  }

  private static void write(Socket socket, String request) {
    try {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException refused) {
      // the answer is on its way
    }
  }
}
