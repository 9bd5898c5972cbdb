package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayProcess;
import io.github.videoquery.support.Relay;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.util.TestSocketUtils;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** Two real Redis servers behind an endpoint that moves, and gateways that have to follow. */
@Testcontainers(disabledWithoutDocker = true)
class RedisHealingIT {
  private static final int OLD = 6379;
  private static final int NEW = 6380;
  private static final Duration HEALED = Duration.ofSeconds(30);

  @Container
  private static final GenericContainer<?> redis =
      new GenericContainer<>(DockerImageName.parse("redis:7"))
          .withCommand(
              "sh",
              "-c",
              "redis-server --port 6380 --protected-mode no --save '' &"
                  + " exec redis-server --protected-mode no --save ''")
          .withExposedPorts(OLD, NEW);

  @TempDir static Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Gateway> gateways = new ArrayList<>();

  private record Gateway(Process process, int port, int management) {}

  @BeforeEach
  void makeOneThePrimary() throws Exception {
    cli(OLD, "replicaof", "no", "one");
    cli(OLD, "flushall");
    cli(NEW, "replicaof", "127.0.0.1", "6379");
    await().until(() -> cli(NEW, "info", "replication").contains("master_link_status:up"));
  }

  @Test
  void primaryThatWasDemoted_isLeft_forTheNewOne() throws Exception {
    try (SimulatedProvider provider = SimulatedProvider.start();
        Relay relay = new Relay(redis.getMappedPort(OLD))) {
      Gateway gateway = gateway(provider, relay.port());
      ask(gateway, newId());
      int connections = relay.accepted();

      cli(NEW, "replicaof", "no", "one");
      cli(OLD, "replicaof", "127.0.0.1", "6380");
      relay.moveTo(redis.getMappedPort(NEW));

      awaitEntries(gateway);
      assertThat(relay.accepted() - connections).isBetween(1, (int) HEALED.toSeconds());
    } finally {
      stop();
    }
  }

  @Test
  void connectionThatWentDark_isReplaced() throws Exception {
    try (SimulatedProvider provider = SimulatedProvider.start();
        Relay relay = new Relay(redis.getMappedPort(OLD))) {
      Gateway gateway = gateway(provider, relay.port());
      ask(gateway, newId());
      cli(NEW, "replicaof", "no", "one");

      relay.moveTo(redis.getMappedPort(NEW));
      relay.darken();

      awaitEntries(gateway);
    } finally {
      stop();
    }
  }

  /** One new task at a time, and none is answered later than a second. */
  private void awaitEntries(Gateway gateway) throws Exception {
    int before = entries();
    await()
        .atMost(HEALED)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              long start = System.nanoTime();
              ask(gateway, newId());
              assertThat(Duration.ofNanos(System.nanoTime() - start))
                  .isLessThan(Duration.ofSeconds(1));
              return entries() > before;
            });
  }

  private static int entries() throws Exception {
    return (int) cli(NEW, "keys", "*").lines().filter(key -> key.endsWith("}")).count();
  }

  @Test
  void task_isForgotten_byAllReplicas() throws Exception {
    String id = "veo3:" + Instant.now().minusSeconds(600).getEpochSecond() + "-finished01";
    try (SimulatedProvider provider = SimulatedProvider.start()) {
      Gateway first = gateway(provider, redis.getMappedPort(OLD));
      Gateway second = gateway(provider, redis.getMappedPort(OLD));
      ask(first, id);
      ask(second, id);
      assertThat(provider.calls(id)).isEqualTo(1);
      assertThat(tasks("GET", second, id)).contains("\"memory\":\"here\"");

      assertThat(tasks("DELETE", first, id)).contains("\"here\":1,\"shared\":1");

      await()
          .atMost(2, TimeUnit.SECONDS)
          .until(() -> tasks("GET", second, id).contains("\"remembered\":[]"));
      assertThat(cli(OLD, "keys", "*")).doesNotContain(id).contains(":forgotten");
    } finally {
      stop();
    }
  }

  private static String newId() {
    return "veo3:" + Instant.now().getEpochSecond() + "-task" + System.nanoTime();
  }

  private void ask(Gateway gateway, String id) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send("GET", "http://127.0.0.1:" + gateway.port + "/v1/video/query?id=" + id);
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private String tasks(String method, Gateway gateway, String id)
      throws IOException, InterruptedException {
    return send(method, "http://127.0.0.1:" + gateway.management + "/actuator/tasks?id=" + id)
        .body();
  }

  private HttpResponse<String> send(String method, String address)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(address))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  private static String cli(int port, String... command) throws Exception {
    List<String> line = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
    line.addAll(List.of(command));
    var result = redis.execInContainer(line.toArray(String[]::new));
    assertThat(result.getExitCode()).as(result.toString()).isZero();
    return result.getStdout();
  }

  private Gateway gateway(SimulatedProvider provider, int redisPort) throws IOException {
    int port = TestSocketUtils.findAvailableTcpPort();
    int management = TestSocketUtils.findAvailableTcpPort();
    Process process =
        GatewayProcess.jar(
            Map.of("UPSTREAM_BASE_URL", provider.baseUrl().toString(), "UPSTREAM_API_KEY", "sk-x"),
            folder.resolve("gateway-" + port + ".log"),
            "--gateway.access.mode=none",
            "--gateway.cache.redis.enabled=true",
            "--spring.data.redis.port=" + redisPort,
            "--server.port=" + port,
            "--management.server.port=" + management);
    var gateway = new Gateway(process, port, management);
    gateways.add(gateway);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(
            () ->
                send("GET", "http://127.0.0.1:" + management + "/actuator/health/readiness")
                        .statusCode()
                    == 200);
    return gateway;
  }

  private void stop() {
    gateways.forEach(gateway -> gateway.process.destroy());
    gateways.forEach(gateway -> gateway.process.onExit().orTimeout(40, TimeUnit.SECONDS).join());
  }
}
