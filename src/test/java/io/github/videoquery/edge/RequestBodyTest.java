package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Bodies of requests: nobody needs one, and none may cost more than a moment. */
@ExtendWith(OutputCaptureExtension.class)
class RequestBodyTest {
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  @TempDir static Path folder;
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() throws IOException {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients:\n  - name: a\n    keys: [\"sha256:"
                + "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683" // key
                + "\"]\n");
    gateway =
        GatewayFixture.startInRealTime(
            "gateway.access.mode=api-key", "gateway.access.clients-file=" + clients);
    gateway.provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void wholeBody_isIgnored_andTheConnectionKept() throws Exception {
    try (var socket = connect(gateway.port())) {
      for (String body :
          new String[] {
            "Content-Length: 5\r\n\r\nhello", CHUNKED + "\r\n5\r\nhello\r\n0\r\n\r\n"
          }) {
        write(socket, "GET /v1/video/query?id=a HTTP/1.1\r\nHost: a\r\n" + key() + body);
        assertThat(answer(socket)).startsWith("HTTP/1.1 200").doesNotContain("Connection: close");
      }
    }
  }

  @Test
  void endlessBody_isRefused_beyondOneMegabyte() throws Exception {
    try (var socket = connect(gateway.port())) {
      write(socket, "POST /v1/video/query?id=a HTTP/1.1\r\nHost: a\r\n" + key() + CHUNKED + "\r\n");
      long sent = flood(socket);

      assertThat(answer(socket)).startsWith("HTTP/1.1 413").contains("Connection: close");
      assertThat(sent).as("what the sockets' buffers take comes on top").isLessThan(20 << 20);
    }
  }

  @Test
  void callerWithoutAKey_isAnswered_beforeItsBodyIsRead() throws Exception {
    try (var socket = connect(gateway.port())) {
      write(socket, "GET /v1/video/query?id=a HTTP/1.1\r\nHost: a\r\n" + CHUNKED + "\r\n5\r\nhe");

      assertThat(answer(socket)).startsWith("HTTP/1.1 401").contains("Connection: close");
    }
  }

  @Test
  void bodyThatIsNeverWhole_isNotWaitedFor() throws Exception {
    try (var asking = connect(gateway.port());
        var managing = connect(gateway.managementPort())) {
      long start = System.nanoTime();
      write(
          asking,
          "GET /v1/video/query?id=b HTTP/1.1\r\nHost: a\r\n"
              + key()
              + "Content-Length: 9\r\n\r\nhe");
      write(
          managing,
          "GET /actuator/health/readiness HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhe");

      assertThat(answer(asking)).startsWith("HTTP/1.1 200").contains("Connection: close");
      assertThat(answer(managing)).startsWith("HTTP/1.1 200").contains("Connection: close");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(14));
    }
  }

  @Test
  void brokenBody_isNoDefect(CapturedOutput output) throws Exception {
    for (int port : new int[] {gateway.port(), gateway.managementPort()}) {
      try (var socket = connect(port)) {
        write(
            socket,
            "POST /actuator/tasks?id=a HTTP/1.1\r\nHost: a\r\n" + key() + CHUNKED + "\r\nzz\r\n");
        assertThat(answer(socket)).doesNotContain("HTTP/1.1 500").doesNotContain("internal-error");
      }
      try (var socket = connect(port)) {
        write(socket, "POST /actuator/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nab");
      }
    }
    assertThat(gateway.get("id=c", "Authorization", "Bearer key").statusCode()).isEqualTo(200);
    assertThat(output.getAll()).doesNotContain(" ERROR ");
  }

  private static String key() {
    return "Authorization: Bearer key\r\n";
  }

  private static Socket connect(int port) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends chunks until nobody takes them any more, or there were far too many. */
  private static long flood(Socket socket) {
    byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    long sent = 0;
    try {
      while (sent < 100 << 20 && socket.getInputStream().available() == 0) {
        socket.getOutputStream().write(chunk);
        sent += chunk.length;
      }
    } catch (IOException refused) {
      // the answer is on its way
    }
    return sent;
  }

  /** One answer: its head, and its body by Content-Length. */
  private static String answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    var head = new StringBuilder();
    int b = 0;
    while (head.indexOf("\r\n\r\n") < 0 && b >= 0) {
      b = in.read();
      head.append(b < 0 ? "" : (char) b);
    }
    String length = head.toString().replaceFirst("(?s).*Content-Length: (\\d+).*", "$1");
    if (length.matches("\\d+")) {
      head.append(new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8));
    }
    return head.toString();
  }
}
