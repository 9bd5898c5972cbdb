package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(OutputCaptureExtension.class)
class AccessLogTest {
  private static final String FINISHED = "veo3:1770350082-finished01";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @TempDir Path folder;

  @Test
  void eachRequest_leavesALine_withoutAnySecret(CapturedOutput output) throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: team-a, keys: [\"%s\"]}]"
                .formatted(GatewayFixture.hash("key-secret")));
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.access-log.enabled=true",
            "gateway.access.mode=api-key",
            "gateway.access.clients-file=" + clients)) {
      for (int i = 0; i < 2; i++) {
        gateway.get(
            "id=" + FINISHED + "&token=parameter-secret",
            "Authorization",
            "Bearer key-secret",
            "X-Request-Id",
            "request-" + i,
            "traceparent",
            "00-" + TRACE + "-b7ad6b7169203331-01",
            "Cookie",
            "cookie-secret");
        awaitLines(1 + i, output);
      }
      gateway.get("id=a", "Authorization", "Bearer wrong-secret", "X-Request-Id", "request-2");
      awaitLines(3, output);
      gateway.send("GET", gateway.query("").resolve("/nothing?key=path-secret"));
      awaitLines(4, output);
      RawHttp.send(gateway.port(), "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      awaitLines(5, output);
    }

    List<JsonNode> lines = lines(output);
    JsonNode miss = lines.get(0);
    assertThat(miss.get("client").asString()).isEqualTo("team-a");
    assertThat(miss.get("status").asInt()).isEqualTo(200);
    assertThat(miss.get("method").asString()).isEqualTo("GET");
    assertThat(miss.get("path").asString()).isEqualTo("/v1/video/query");
    assertThat(miss.get("id").asString()).isEqualTo(FINISHED);
    assertThat(miss.get("cache").asString()).contains("fwd=uri-miss; stored");
    assertThat(miss.get("durationMs").asDouble()).isBetween(0.1, 30_000.0);
    assertThat(miss.get("bytes").asInt()).isGreaterThan(500);
    assertThat(miss.get("requestId").asString()).isEqualTo("request-0");
    assertThat(miss.get("traceId").asString()).isEqualTo(TRACE);
    assertThat(lines.get(1).get("cache").asString()).contains("hit");
    assertThat(lines.get(2).get("status").asInt()).isEqualTo(401);
    assertThat(lines.get(2).has("client")).isFalse();
    assertThat(lines.get(3).get("status").asInt()).isEqualTo(404);
    assertThat(lines.get(3).get("path").asString()).isEqualTo("/nothing");
    assertThat(lines.get(4).get("status").asInt()).isEqualTo(400);
    assertThat(output.getAll()).doesNotContain("-secret");
  }

  @Test
  void log_isOff_unlessAskedFor(CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.startInRealTime()) {
      gateway.get("id=" + FINISHED);
    }

    assertThat(output.getAll()).doesNotContain("durationMs");
  }

  @Test
  void stuckOutput_dropsLines_andBlocksNobody() throws Exception {
    PrintStream before = System.out;
    var stuck = new CountDownLatch(1);
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime("gateway.access-log.enabled=true")) {
      gateway.prometheus(); // logs on its first use
      System.setOut(new PrintStream(new Stuck(stuck), true, StandardCharsets.UTF_8));
      String burst =
          ("GET /v1/video/query?id=" + FINISHED + " HTTP/1.1\r\nHost: a\r\n\r\n").repeat(10_000);
      RawHttp.exchange(gateway.port(), burst);

      await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> gateway.metric("gateway_access_log_dropped_total") > 500);
      assertThat(gateway.get("id=" + FINISHED).statusCode()).isEqualTo(200);
      stuck.countDown();
    } finally {
      stuck.countDown();
      System.setOut(before);
    }
  }

  /** A reader of standard output that does not read. */
  private static final class Stuck extends OutputStream {
    private final CountDownLatch released;

    Stuck(CountDownLatch released) {
      this.released = released;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        var _ = released.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A line is written after its answer, when the next request may be under way already. */
  private static void awaitLines(int count, CapturedOutput output) {
    await().until(() -> lines(output).size() == count);
  }

  private static List<JsonNode> lines(CapturedOutput output) {
    var json = new JsonMapper();
    return output
        .getAll()
        .lines()
        .filter(line -> line.startsWith("{") && line.contains("durationMs"))
        .map(line -> json.readTree(line))
        .toList();
  }
}
