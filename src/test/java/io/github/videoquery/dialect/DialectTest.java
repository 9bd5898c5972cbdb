package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayFixture;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.json.JsonMapper;

/** What hosts really send, seen by callers: bytes, charsets, refusals, keys, links, addresses. */
@ExtendWith(OutputCaptureExtension.class)
class DialectTest {
  private static final String LINK = "\"video_url\":\"https://cdn.example/v.mp4\"";

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void answerThatIsNoStrictJson_isPassedOnByteForByte() throws Exception {
    byte[][] bodies = {
      bytes(
          "{\"status\":\"completed\"," + LINK + ",\"prompt\":\"\u00e4\u00bd\"}"), // a cut character
      bytes("{\"status\":\"completed\"," + LINK + ",\"prompt\":\"line\nnext\tand\"}"),
      bytes("{\"status\":\"completed\"," + LINK + ",\"fps\":NaN}"),
      bytes("\u00ef\u00bb\u00bf{\"status\":\"completed\"," + LINK + "}"),
    };
    for (int i = 0; i < bodies.length; i++) {
      gateway.provider.answer("odd-" + i, Behaviour.respond(200, "application/json", bodies[i]));
      for (String how : List.of("fwd=uri-miss", "hit")) {
        HttpResponse<byte[]> answer = gateway.get("id=odd-" + i);

        assertThat(answer.statusCode()).as("%d", i).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(bodies[i]);
        assertThat(answer.headers().firstValue("Cache-Status").orElse("")).contains(how);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
      }
    }
  }

  @Test
  void statedCharset_goesAlong_andIsRecodedInAStream() throws Exception {
    Charset gbk = Charset.forName("GBK");
    String text = "{\"status\":\"completed\"," + LINK + ",\"prompt\":\"\u4e2d\u6587\"}";
    gateway.provider.answer(
        "gbk", Behaviour.respond(200, "application/json; charset=GBK", text.getBytes(gbk)));

    HttpResponse<byte[]> answer = gateway.get("id=gbk");
    assertThat(answer.body()).isEqualTo(text.getBytes(gbk));
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/json;charset=GBK");
    assertThat(data(gateway.get("id=gbk", "Accept", "text/event-stream"))).isEqualTo(text);
  }

  @Test
  void dataOfAStream_canBeParsed_withAByteOrderMark() throws Exception {
    gateway.provider.answer(
        "bom",
        Behaviour.respond(
            200, "application/json", bytes("\u00ef\u00bb\u00bf{\"status\":\"failed\"}")));

    String data = data(gateway.get("id=bom", "Accept", "text/event-stream"));

    assertThat(new JsonMapper().readTree(data).get("status").asString()).isEqualTo("failed");
  }

  private static String data(HttpResponse<byte[]> stream) {
    return new String(stream.body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("data: "))
        .findFirst()
        .orElseThrow()
        .substring(6);
  }

  @Test
  void longId_isAsked() throws Exception {
    String id = "QUJD/+=".repeat(44) + "QQ";
    gateway.provider.answer(id, Behaviour.json("{\"status\":\"queued\"}"));

    assertThat(gateway.get("id=" + id.replace("+", "%2B").replace("=", "%3D")).statusCode())
        .isEqualTo(200);
  }

  @Test
  void answerThatHoldsOurKey_isNeverPassedOn(CapturedOutput output) throws Exception {
    gateway.provider.answer(
        "echo",
        Behaviour.json(
            "{\"status\":\"completed\","
                + LINK
                + ",\"headers\":{\"authorization\":\"Bearer "
                + GatewayFixture.KEY
                + "\"}}"));

    for (String accept : List.of("application/json", "text/event-stream")) {
      HttpResponse<byte[]> answer = gateway.get("id=echo", "Accept", accept);

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).asString().contains("upstream-invalid-response");
      assertThat(answer.body()).asString().doesNotContain(GatewayFixture.KEY);
    }
    assertThat(gateway.metric("gateway_upstream_drift_total", "kind=\"key_in_body\""))
        .isEqualTo(gateway.provider.calls("echo"));
    assertThat(output.getAll())
        .contains("holds one of our keys")
        .doesNotContain(GatewayFixture.KEY);
  }

  @Test
  void redirect_isNotFollowed(CapturedOutput output) throws Exception {
    try (SimulatedProvider elsewhere = SimulatedProvider.start();
        GatewayFixture moved = GatewayFixture.start()) {
      for (int status : new int[] {301, 302, 307, 308}) {
        moved.provider.answerEverything(
            Behaviour.respond(
                status, "", "", "Location: " + elsewhere.baseUrl() + "/v1/video/query?id=a"));
        HttpResponse<byte[]> answer = moved.get("id=moved-" + status);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body())
            .asString()
            .contains("\"code\":\"upstream-error\"")
            .contains("redirects")
            .contains("\"upstreamStatus\":" + status);
      }
      assertThat(elsewhere.calls()).isEmpty();
      assertThat(output.getAll().split("The provider redirects from", -1)).hasSize(2);
      assertThat(output.getAll()).contains("to " + elsewhere.baseUrl() + ";");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\":401,\"message\":\"invalid token sk-abc***\"}",
        "{\"success\":false,\"message\":\"no permission for sk-abc\"}",
        "{\"code\":\"insufficient_user_quota\",\"message\":\"sk-abc\"}",
        "{\"status\":\"error\",\"message\":\"Unauthorized sk-abc\"}",
        "{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"login fail sk-abc\"}}"
      })
  void refusalUnder200_isNoAnswer_whereAnotherAccountHasOne(String refusal, @TempDir Path folder)
      throws Exception {
    Path first = Files.writeString(folder.resolve("first"), "sk-first-1\nsk-first-2\n");
    Path second = Files.writeString(folder.resolve("second"), "sk-second-1\n");
    try (SimulatedProvider another = SimulatedProvider.start();
        GatewayFixture two =
            GatewayFixture.start(
                "gateway.upstream.api-key=",
                "gateway.upstream.accounts[0].name=first",
                "gateway.upstream.accounts[0].api-key-file=" + first,
                "gateway.upstream.accounts[1].name=second",
                "gateway.upstream.accounts[1].base-url=" + another.baseUrl(),
                "gateway.upstream.accounts[1].api-key-file=" + second)) {
      two.provider.answerEverything(Behaviour.json(refusal));
      another.answerEverything(Behaviour.json("{\"id\":\"a\",\"status\":\"queued\"}"));
      HttpResponse<byte[]> answer = two.get("id=a");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).asString().contains("queued").doesNotContain("sk-");

      another.answerEverything(Behaviour.json(refusal));
      HttpResponse<byte[]> problem = two.get("id=b");
      assertThat(problem.statusCode()).isEqualTo(502);
      assertThat(problem.body()).asString().doesNotContain("sk-").doesNotContain("login");
    }
  }

  @Test
  void forbiddenTask_leavesTheKeysHealthy() throws Exception {
    gateway.provider.answer(
        "forbidden", Behaviour.error(403, "x", "new_api_error", "task_forbidden"));
    gateway.provider.answer(
        "challenge",
        Behaviour.respond(403, "text/html", "<html></html>", "cf-mitigated: challenge"));

    assertThat(gateway.get("id=forbidden").body()).asString().contains("upstream-error");
    assertThat(gateway.get("id=challenge").body()).asString().contains("upstream-invalid-response");
    assertThat(gateway.metric("gateway_upstream_key_healthy")).isEqualTo(1);
  }

  @Test
  void operatorsWords_areUnderstood() throws Exception {
    try (GatewayFixture own =
        GatewayFixture.start(
            "gateway.upstream.dialect.finished-statuses=rendered",
            "gateway.upstream.dialect.failed-statuses=moderated",
            "gateway.upstream.dialect.unfinished-statuses=done",
            "gateway.upstream.dialect.link-fields=film.clips[].src",
            "gateway.upstream.dialect.not-found-codes=no_such_render")) {
      own.provider.answer(
          "a",
          Behaviour.json(
              "{\"status\":\"Rendered\",\"film\":{\"clips\":[{\"src\":\"https://v/a\"}]}}"));
      own.provider.answer("b", Behaviour.json("{\"status\":\"moderated\"}"));
      own.provider.answer("c", Behaviour.json("{\"status\":\"done\"," + LINK + "}"));
      own.provider.answer("d", Behaviour.json(400, "{\"code\":\"no_such_render\"}"));

      assertThat(own.get("id=a").headers().firstValue("Cache-Control").orElse(""))
          .contains("max-age");
      assertThat(own.get("id=b").headers().firstValue("Retry-After")).isEmpty();
      assertThat(own.get("id=c").headers().firstValue("Retry-After")).isPresent();
      assertThat(own.get("id=d").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void linkOfTwentySeconds_isNeverServedAfterwards() throws Exception {
    long expires = gateway.time.instant().getEpochSecond() + 20;
    gateway.provider.answer(
        "brief",
        Behaviour.json(
            "{\"status\":\"completed\",\"video_url\":\"https://v/a?expires=" + expires + "\"}"));
    HttpResponse<byte[]> first = gateway.get("id=brief");
    assertThat(first.statusCode()).isEqualTo(200);
    gateway.provider.answer("brief", Behaviour.error(500, "no", "x", ""));
    assertThat(gateway.get("id=brief").statusCode()).as("alive, and stale").isEqualTo(200);

    gateway.time.advance(Duration.ofSeconds(21));

    String tag = first.headers().firstValue("ETag").orElseThrow();
    assertThat(gateway.get("id=brief", "If-None-Match", tag).statusCode()).isEqualTo(502);
  }
}
