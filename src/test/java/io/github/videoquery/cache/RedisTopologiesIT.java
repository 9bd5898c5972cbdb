package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.SharingGateway;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.util.TestSocketUtils;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** A real cluster that loses a third of its slots, and a failover by a real Sentinel. */
@Testcontainers(disabledWithoutDocker = true)
class RedisTopologiesIT {
  private static final List<Integer> PORTS =
      Stream.generate(TestSocketUtils::findAvailableTcpPort).distinct().limit(6).toList();
  private static final List<Integer> CLUSTER = PORTS.subList(0, 3);
  private static final int PRIMARY = PORTS.get(3);
  private static final int REPLICA = PORTS.get(4);
  private static final int SENTINEL = PORTS.get(5);

  /** The servers tell their addresses to clients, so the ports are the same on both sides. */
  @Container
  private static final GenericContainer<?> redis =
      new GenericContainer<>(DockerImageName.parse("redis:7"))
          .withCommand("sh", "-c", "while true; do sleep 1; done")
          .withExposedPorts(PORTS.toArray(Integer[]::new))
          .waitingFor(Wait.forSuccessfulCommand("true"));

  static {
    redis.setPortBindings(PORTS.stream().map(port -> port + ":" + port).toList());
  }

  @TempDir static Path folder;

  @Test
  void clusterThatLosesANode_isUsed_forTheOtherKeys() throws Exception {
    for (int port : CLUSTER) {
      server(
          port,
          "--cluster-enabled yes --cluster-config-file /tmp/"
              + port
              + ".conf --cluster-port "
              + (10_000 + CLUSTER.indexOf(port))
              + " --cluster-require-full-coverage no --cluster-node-timeout 2000");
    }
    String nodes =
        CLUSTER.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(" "));
    sh("redis-cli --cluster create " + nodes + " --cluster-yes");
    try (SimulatedProvider provider = SimulatedProvider.start();
        SharingGateway gateway =
            new SharingGateway(
                provider, folder, "--spring.data.redis.cluster.nodes=" + nodes.replace(' ', ','))) {
      ask(gateway, 30);
      await().until(() -> entries(CLUSTER) == 30);
      gateway.tasks("DELETE", SharingGateway.newId());

      int lost = CLUSTER.get(1); // in whose slots the forgotten tasks are announced, too
      assertThat(sh("redis-cli -p " + lost + " keys '*'"))
          .contains("video-query-gateway:forgotten");
      sh("redis-cli -p " + lost + " shutdown nosave");
      List<Integer> left = List.of(CLUSTER.getFirst(), CLUSTER.getLast());
      int before = entries(left);
      ask(gateway, 60);

      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(entries(left) - before).isBetween(25, 55));
      assertThat(gateway.metric("gateway_redis_available")).isZero();
    }
  }

  @Test
  void primaryOfSentinel_thatDied_isReplaced() throws Exception {
    server(PRIMARY, "");
    server(REPLICA, "--replicaof 127.0.0.1 " + PRIMARY);
    sh(
        "printf 'port "
            + SENTINEL
            + "\\nprotected-mode no\\nsentinel monitor main 127.0.0.1 "
            + PRIMARY
            + " 1\\n"
            + "sentinel down-after-milliseconds main 1000\\n"
            + "sentinel failover-timeout main 5000\\n"
            + "' > /tmp/sentinel.conf");
    sh("redis-server /tmp/sentinel.conf --sentinel --daemonize yes");
    await()
        .until(
            () ->
                sh("redis-cli -p " + SENTINEL + " sentinel replicas main")
                    .contains(Integer.toString(REPLICA)));
    try (SimulatedProvider provider = SimulatedProvider.start();
        SharingGateway gateway =
            new SharingGateway(
                provider,
                folder,
                "--spring.data.redis.sentinel.master=main",
                "--spring.data.redis.sentinel.nodes=127.0.0.1:" + SENTINEL)) {
      ask(gateway, 3);
      await().until(() -> entries(List.of(REPLICA)) == 3);

      sh("redis-cli -p " + PRIMARY + " shutdown nosave");

      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                gateway.ask(SharingGateway.newId());
                return entries(List.of(REPLICA)) > 3;
              });
    }
  }

  private static void ask(SharingGateway gateway, int tasks) throws Exception {
    for (int i = 0; i < tasks; i++) {
      gateway.ask(SharingGateway.newId());
    }
  }

  private static int entries(List<Integer> ports) throws Exception {
    int entries = 0;
    for (int port : ports) {
      entries +=
          (int)
              sh("redis-cli -p " + port + " keys '*'").lines().filter(k -> k.endsWith("}")).count();
    }
    return entries;
  }

  private static void server(int port, String options) throws Exception {
    sh(
        "redis-server --port "
            + port
            + " --dir /tmp --dbfilename "
            + port
            + ".rdb --protected-mode no --save '' --daemonize yes "
            + options);
    await().until(() -> sh("redis-cli -p " + port + " ping").contains("PONG"));
  }

  private static String sh(String command) throws Exception {
    return redis.execInContainer("sh", "-c", command).getStdout();
  }
}
