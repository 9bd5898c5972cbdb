package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README and configuration, run as they stand. In CI only: the demo takes the ports
 * 8080 and 8081.
 */
@EnabledIfEnvironmentVariable(named = "CI", matches = ".+")
class ReadmeCommandsIT {
  @TempDir Path folder;

  @Test
  void demo_startsByItsCommand_andEachPrintedLineAnswers() throws Exception {
    assertThat(Document.read("README.md").blocks("sh"))
        .contains("./mvnw spring-boot:test-run\n", "./mvnw verify\n");
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

  /** The block of the README that makes both files and starts the gateway, and its query. */
  @Test
  void gateway_answersOfAKeyedProvider_atTheFirstStart() throws Exception {
    List<String> blocks = Document.read("README.md").blocks("sh");
    String start = block(blocks, "UPSTREAM_BASE_URL=");
    String query = block(blocks, "$(cat team-a-key)");
    Path log = folder.resolve("gateway.log");
    try (SimulatedProvider provider = SimulatedProvider.start()) {
      Process gateway =
          bash(
              String.join(
                  "\n",
                  "export PATH=" + Path.of(System.getProperty("java.home"), "bin") + ":$PATH",
                  "ln -s " + Path.of("target").toAbsolutePath() + " " + folder + "/target",
                  "cd " + folder,
                  start
                      .replace("./mvnw -DskipTests package\n", "") // it is packaged
                      .replace("https://api.example.com", provider.baseUrl().toString())
                      .replace("java -jar", "exec java -jar")),
              log);
      try {
        Awaitility.await()
            .atMost(60, TimeUnit.SECONDS)
            .until(() -> Files.readString(log).contains("Started Video Query Gateway"));
        Path answer = folder.resolve("answer");
        assertThat(bash("cd " + folder + "\n" + query, answer).waitFor(30, TimeUnit.SECONDS))
            .isTrue();

        assertThat(Files.readString(answer)).contains("\"completed\"");
        assertThat(provider.callsWithKey("the-key-of-your-provider")).isEqualTo(1);
      } finally {
        gateway.destroy();
        gateway.waitFor(30, TimeUnit.SECONDS);
      }
    }
  }

  private static String block(List<String> blocks, String containing) {
    return blocks.stream().filter(block -> block.contains(containing)).findFirst().orElseThrow();
  }

  @Test
  void keyCommand_printsAKeyAndTheLineThatLetsItIn() throws Exception {
    String command = block(Document.read("docs/configuration.md").blocks("sh"), "key=");
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

  private static Process bash(String command, Path log) throws IOException {
    return new ProcessBuilder("bash", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
