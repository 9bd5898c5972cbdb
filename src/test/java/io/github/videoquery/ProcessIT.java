package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a process can show: its heap, its standard output, a standstill, its folders. */
class ProcessIT {
  private static final int MB = 1 << 20;

  private SimulatedProvider provider = SimulatedProvider.start();

  @BeforeEach
  void start() {
    provider = SimulatedProvider.start();
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseSerialGC", "-XX:+UseG1GC"})
  void bigAnswers_neverEndTheProcess(String collector) throws Exception {
    Behaviour large = finished(7 * MB + 800_000);
    Behaviour medium = finished(MB);
    try (var gateway =
        new GatewayProcess(
            provider.baseUrl(),
            GatewayProcess.Output.DISCARDED,
            List.of("-Xmx170m", collector, "-XX:+ExitOnOutOfMemoryError"),
            "--gateway.server.warm-up=1s")) { // as in production: it leaves something in the heap
      provider.answerEverything(medium);
      assertAnswered(atOnce(gateway, "empty-cache", 256));

      provider.answerEverything(large);
      for (int i = 0; i < 14; i++) {
        assertThat(gateway.get("id=fill-" + i).statusCode()).isEqualTo(200);
      }
      assertAnswered(atOnce(gateway, "large", 16));
      assertAnswered(atOnce(gateway, "compressed", 16, "Accept-Encoding", "gzip"));
      assertAnswered(atOnce(gateway, "streamed", 16, "Accept", "text/event-stream"));
      assertAnswered(atOnce(gateway, "waited", 16, "Prefer", "wait=10"));
      assertAnswered(atOnce(gateway, "large-again", 32));

      provider.answerEverything(medium);
      for (int i = 0; i < 90; i++) {
        assertThat(gateway.get("id=fill-medium-" + i).statusCode()).isEqualTo(200);
      }
      assertAnswered(atOnce(gateway, "medium", 250)); // connections take heap, too
      assertThat(gateway.process.isAlive()).isTrue();
    }
  }

  private static void assertAnswered(Map<Integer, Integer> statuses) {
    assertThat(statuses).containsKey(200);
    assertThat(statuses.keySet()).isSubsetOf(200, 503);
  }

  /** How many answers there were of each status. */
  private static Map<Integer, Integer> atOnce(
      GatewayProcess gateway, String name, int callers, String... headers) throws Exception {
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        String id = "id=" + name + "-" + i;
        answers.add(threads.submit(() -> gateway.get(id, headers).statusCode()));
      }
      for (Future<Integer> answer : answers) {
        statuses.merge(answer.get(60, TimeUnit.SECONDS), 1, Integer::sum);
      }
    }
    return statuses;
  }

  /** A finished task whose body does not compress. */
  private static Behaviour finished(int bytes) {
    byte[] image = new byte[bytes * 3 / 4];
    new Random(1).nextBytes(image);
    String body =
        "{\"status\":\"completed\",\"video_url\":\"https://cdn.example/v.mp4\",\"detail\":{\"req\":\""
            + Base64.getEncoder().encodeToString(image)
            + "\"}}";
    return Behaviour.respond(200, "application/json", body.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void heapTooSmallForABody_endsTheStart_withASentence(@TempDir Path folder) throws Exception {
    assertThat(refusal(folder, List.of("-Xmx48m")))
        .contains("MB is too small for answers of this size")
        .doesNotContain("\tat ");
  }

  @Test
  void unwritableTemporaryFolder_endsTheStart_withASentence(@TempDir Path folder) throws Exception {
    assertThat(refusal(folder, List.of("-Djava.io.tmpdir=/proc/1/nowhere")))
        .contains("needs a temporary folder it can write to")
        .doesNotContain("\tat ");
  }

  private String refusal(Path folder, List<String> jvm) throws Exception {
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(
        List.of(
            "-jar",
            System.getProperty("packaged.jar"),
            "--gateway.access.mode=none",
            "--gateway.upstream.base-url=" + provider.baseUrl(),
            "--gateway.upstream.api-key=sk-upstream",
            "--server.port=0",
            "--management.server.port=0"));
    Process refused =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(refused.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      refused.destroyForcibly();
    }
    assertThat(refused.exitValue()).isNotZero();
    return Files.readString(log);
  }

  @Test
  void standardOutputThatNobodyReads_holdsNobodyUp() throws Exception {
    try (var gateway =
        new GatewayProcess(
            provider.baseUrl(),
            GatewayProcess.Output.UNREAD,
            List.of(),
            "--logging.level.root=debug",
            "--gateway.access-log.enabled=true")) {
      provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
      for (int i = 0; gateway.metric("gateway_log_dropped_total") == 0; i++) {
        assertThat(gateway.get("id=full-" + i).statusCode()).isEqualTo(200);
      }

      for (int i = 0; i < 20; i++) { // each kind of answer that is warned of, several times
        provider.answerEverything(Behaviour.json("{\"status\":\"new-" + i % 4 + "\"}"));
        assertThat(gateway.get("id=warned-" + i).statusCode()).isEqualTo(200);
        provider.answerEverything(Behaviour.error(401, "no", "new_api_error", ""));
        assertThat(gateway.get("id=rejected-" + i).statusCode()).isEqualTo(502);
      }
      gateway.process.destroy();
      assertThat(gateway.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void answersThatArriveDuringAStandstill_areUsed() throws Exception {
    try (var gateway =
            new GatewayProcess(
                provider.baseUrl(),
                GatewayProcess.Output.DISCARDED,
                List.of(),
                "--gateway.upstream.response-timeout=3s",
                "--gateway.upstream.call-timeout=3s");
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
      gateway.get("id=warm");
      provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}").after(1_500));
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String id = "id=frozen-" + i;
        answers.add(callers.submit(() -> gateway.get(id).statusCode()));
      }
      Awaitility.await().until(() -> provider.calls().size() == 41);

      gateway.signal("STOP");
      Awaitility.await()
          .pollDelay(6, TimeUnit.SECONDS)
          .atMost(7, TimeUnit.SECONDS)
          .until(() -> true);
      gateway.signal("CONT");

      for (Future<Integer> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(200);
      }
    }
  }
}
