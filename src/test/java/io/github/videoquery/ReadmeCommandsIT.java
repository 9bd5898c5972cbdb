package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The README's commands, run as they stand. In CI only: the demo takes the ports 8080 and 8081. */
@EnabledIfEnvironmentVariable(named = "CI", matches = ".+")
class ReadmeCommandsIT {
  @TempDir Path folder;

  @Test
  void demo_startsByItsCommand_andEachPrintedLineAnswers() throws Exception {
    assertThat(commands())
        .contains("./mvnw spring-boot:test-run", "./mvnw verify", "./mvnw -DskipTests package");
    Path log = folder.resolve("demo.log");
    Process demo = bash("exec ./mvnw spring-boot:test-run", log);
    try {
      Awaitility.await()
          .atMost(180, TimeUnit.SECONDS)
          .until(() -> Files.readString(log).contains("actuator/prometheus"));

      List<String> lines =
          Files.readString(log)
              .lines()
              .map(String::strip)
              .filter(line -> line.startsWith("curl"))
              .toList();

      assertThat(lines).hasSize(9);
      assertThat(lines.stream().map(this::firstLineOf))
          .containsExactly(
              "HTTP/1.1 200 OK",
              "HTTP/1.1 200 OK",
              "HTTP/1.1 200 OK",
              "HTTP/1.1 200 OK",
              "HTTP/1.1 404 Not Found",
              "HTTP/1.1 502 Bad Gateway",
              "HTTP/1.1 200 OK",
              "HTTP/1.1 200 OK",
              "# HELP gateway_client_requests_total Requests by client and by what came of them");
    } finally {
      demo.descendants().forEach(ProcessHandle::destroy);
      demo.destroy();
      demo.waitFor(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void keyCommand_printsAKeyAndTheLineThatLetsItIn() throws Exception {
    String command =
        commands().stream().filter(line -> line.startsWith("key=")).findFirst().orElseThrow();
    Path log = folder.resolve("key.log");

    assertThat(bash(command, log).waitFor(30, TimeUnit.SECONDS)).isTrue();

    List<String> printed = Files.readAllLines(log);
    String key = printed.getFirst().replace("key: ", "");
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"), "clients:\n  - name: team-a\n" + printed.getLast());
    try (GatewayFixture gateway =
        GatewayFixture.start(
            "gateway.access.mode=api-key", "gateway.access.clients-file=" + clients)) {
      assertThat(gateway.get("id=sim:gzip", "Authorization", "Bearer " + key).statusCode())
          .isEqualTo(200);
      assertThat(gateway.get("id=sim:gzip").statusCode()).isEqualTo(401);
    }
  }

  private String firstLineOf(String command) {
    try {
      Path log = folder.resolve("curl.log");
      assertThat(bash(command, log).waitFor(60, TimeUnit.SECONDS)).isTrue();
      return Files.readString(log)
          .lines()
          .filter(line -> line.matches("(HTTP/|# HELP).*"))
          .findFirst()
          .orElse("");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> commands() throws IOException {
    return Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(Path.of("README.md"), StandardCharsets.UTF_8))
        .results()
        .flatMap(block -> block.group(1).lines())
        .toList();
  }

  private static Process bash(String command, Path log) throws IOException {
    return new ProcessBuilder("bash", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
