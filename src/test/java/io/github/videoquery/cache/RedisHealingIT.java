package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.Relay;
import io.github.videoquery.support.SharingGateway;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        Relay relay = new Relay(redis.getMappedPort(OLD));
        SharingGateway gateway = gateway(provider, relay.port())) {
      gateway.ask(SharingGateway.newId());
      int connections = relay.accepted();

      cli(NEW, "replicaof", "no", "one");
      cli(OLD, "replicaof", "127.0.0.1", "6380");
      relay.moveTo(redis.getMappedPort(NEW));

      awaitEntries(gateway);
      assertThat(relay.accepted() - connections).isBetween(1, (int) HEALED.toSeconds());
    }
  }

  @Test
  void connectionThatWentDark_isReplaced() throws Exception {
    try (SimulatedProvider provider = SimulatedProvider.start();
        Relay relay = new Relay(redis.getMappedPort(OLD));
        SharingGateway gateway = gateway(provider, relay.port())) {
      gateway.ask(SharingGateway.newId());
      cli(NEW, "replicaof", "no", "one");

      relay.moveTo(redis.getMappedPort(NEW));
      relay.darken();

      awaitEntries(gateway);
    }
  }

  /** One new task at a time, and none is answered later than a second. */
  private static void awaitEntries(SharingGateway gateway) throws Exception {
    int before = entries();
    await()
        .atMost(HEALED)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              long start = System.nanoTime();
              gateway.ask(SharingGateway.newId());
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
    try (SimulatedProvider provider = SimulatedProvider.start();
        SharingGateway first = gateway(provider, redis.getMappedPort(OLD));
        SharingGateway second = gateway(provider, redis.getMappedPort(OLD))) {
      first.ask(id);
      await() // it is stored behind the answer
          .until(() -> first.tasks("GET", id).contains("\"memory\":\"shared\""));
      second.ask(id);
      assertThat(provider.calls(id)).isEqualTo(1);
      assertThat(second.tasks("GET", id)).contains("\"memory\":\"here\"");

      assertThat(first.tasks("DELETE", id)).contains("\"here\":1,\"shared\":1");

      await()
          .atMost(1, TimeUnit.SECONDS)
          .until(() -> second.tasks("GET", id).contains("\"remembered\":[]"));
      assertThat(cli(OLD, "keys", "*")).doesNotContain(id).contains(":forgotten");
    }
  }

  /** The other replica hears of it only while its call is under way. */
  @Test
  void callInFlight_ofAnotherReplica_bringsNothingBack() throws Exception {
    String id = "veo3:" + Instant.now().getEpochSecond() + "-inflight01";
    try (SimulatedProvider provider = SimulatedProvider.start();
        SharingGateway first = gateway(provider, redis.getMappedPort(OLD));
        SharingGateway second = gateway(provider, redis.getMappedPort(OLD));
        var asking = Executors.newVirtualThreadPerTaskExecutor()) {
      provider.answer(id, Behaviour.json("{\"status\":\"video_generating\"}").after(3_000));
      Future<Boolean> answered =
          asking.submit(
              () -> {
                second.ask(id);
                return true;
              });
      await().until(() -> provider.calls(id) == 1);

      assertThat(first.tasks("DELETE", id)).contains("\"here\":0,\"shared\":0");

      assertThat(answered.get()).isTrue();
      await() // what is shared is stored before the lease is given back
          .until(() -> !cli(OLD, "keys", "*").contains(":lease"));
      assertThat(entries()).isZero();
      assertThat(second.tasks("GET", id)).contains("\"remembered\":[]");
    }
  }

  private static SharingGateway gateway(SimulatedProvider provider, int port) throws Exception {
    return new SharingGateway(provider, folder, "--spring.data.redis.port=" + port);
  }

  private static String cli(int port, String... command) throws Exception {
    List<String> line = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
    line.addAll(List.of(command));
    var result = redis.execInContainer(line.toArray(String[]::new));
    assertThat(result.getExitCode()).as(result.toString()).isZero();
    return result.getStdout();
  }
}
