package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Planted keys, ours, the callers' and those in the provider's texts, come out nowhere. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTest {
  private static final String OURS = "sk-planted-ours-0123456789";
  private static final String CALLERS = "planted-callers-key-0123456789";
  private static final String WRONG = "planted-wrong-key-0123456789";
  private static final String QUOTED = "sk-planted-quoted-0123456789";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"DEBUG", "TRACE"})
  void plantedKeys_areFoundNowhere_atAnyLogLevel(String level, CapturedOutput output)
      throws Exception {
    Path key = Files.writeString(folder.resolve("key"), OURS);
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: team-a, keys: [\"%s\"]}]".formatted(GatewayFixture.hash(CALLERS)));
    List<String> answers = new ArrayList<>();
    try (GatewayFixture gateway =
        GatewayFixture.start(
            "logging.level.root=" + level,
            "gateway.access-log.enabled=true",
            "gateway.upstream.api-key=",
            "gateway.upstream.api-key-file=" + key,
            "gateway.access.mode=api-key",
            "gateway.access.clients-file=" + clients)) {
      gateway.provider.answer(
          "refused",
          Behaviour.error(401, "token " + QUOTED + " and " + OURS + " invalid", "x", ""));
      gateway.provider.answer("broken", Behaviour.error(500, "panic " + QUOTED, "x", ""));
      gateway.provider.answer("html", Behaviour.respond(200, "text/html", "<b>" + QUOTED + "</b>"));
      gateway.provider.answer("reset", Behaviour.reset());
      gateway.provider.answer("fine", Behaviour.json("{\"status\":\"queued\"}"));
      for (String id : List.of("refused", "broken", "html", "reset", "fine", "%FF", "")) {
        for (String sent : List.of(CALLERS, WRONG)) {
          answers.add(
              text(
                  gateway.get(
                      "id=" + id, "Authorization", "Bearer " + sent, "Cookie", "k=" + WRONG)));
        }
      }
      answers.add(
          RawHttp.send(
                  gateway.port(),
                  "GET /%zz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + WRONG + "\r\n\r\n")
              .toString());
      for (String path :
          List.of("", "/health", "/prometheus", "/env", "/configprops", "/loggers", "/heapdump")) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator" + path);
        answers.add(text(gateway.send("GET", uri)));
      }
    }

    assertThat(answers).anyMatch(answer -> answer.contains("gateway_queries"));
    assertThat(answers).allSatisfy(SecretsTest::assertHoldsNoKey);
    assertThat(output.getAll()).contains("The provider rejected key 1");
    assertHoldsNoKey(output.getAll());
  }

  @Test
  void structuredLogs_areOneSwitchAway_andCarryTheRequestId(CapturedOutput output)
      throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start("logging.structured.format.console=ecs")) {
      gateway.provider.answerEverything(Behaviour.error(401, "no", "x", ""));
      gateway.get("id=a", "X-Request-Id", "planted-request-1");
    }

    assertThat(output.getAll().lines().filter(line -> line.contains("The provider rejected key")))
        .singleElement()
        .asString()
        .startsWith("{\"@timestamp\"")
        .contains("\"requestId\":\"planted-request-1\"")
        .contains("\"account\":\"default\"");
  }

  @Test
  void plainLogs_carryTheRequestId(CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      gateway.provider.answerEverything(Behaviour.error(401, "no", "x", ""));
      gateway.get("id=a", "X-Request-Id", "planted-request-2");
    }

    assertThat(output.getAll().lines().filter(line -> line.contains("The provider rejected key")))
        .singleElement()
        .asString()
        .contains("[planted-request-2]");
  }

  @Test
  void logsOfTheConnectionsThread_carryTheRequestId(CapturedOutput output) throws Exception {
    String client = "org.springframework.web.reactive.function.client";
    try (GatewayFixture gateway =
        GatewayFixture.start(
            "logging.level." + client + "=TRACE", "logging.structured.format.console=ecs")) {
      gateway.get("id=a", "X-Request-Id", "planted-request-3");
    }

    assertThat(
            output
                .getAll()
                .lines()
                .filter(line -> line.contains("ExchangeFunctions"))
                .filter(line -> !line.contains("\"name\":\"main\""))) // before there was a request
        .anyMatch(line -> line.contains("\"name\":\"upstream-"))
        .allMatch(line -> line.contains("\"requestId\":\"planted-request-3\""));
  }

  private static void assertHoldsNoKey(String text) {
    for (String planted : List.of(OURS, CALLERS, WRONG, QUOTED)) {
      assertThat(text.contains(planted))
          .as(() -> "found " + planted + " in …" + around(text, planted))
          .isFalse();
    }
  }

  private static String around(String text, String planted) {
    int at = text.indexOf(planted);
    return text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 50));
  }

  private static String text(HttpResponse<byte[]> answer) {
    return answer.headers().map() + new String(answer.body(), StandardCharsets.UTF_8);
  }
}
