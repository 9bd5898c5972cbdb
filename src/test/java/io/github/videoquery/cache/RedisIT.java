package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.util.TestSocketUtils;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** Several gateways, each a process of its own, that share a real Redis. */
@Testcontainers(disabledWithoutDocker = true)
class RedisIT {
  private static final int REDIS_PORT = TestSocketUtils.findAvailableTcpPort();
  private static final String REDIS_REQUESTS = "gateway_redis_requests_seconds_count";
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Behaviour UNFINISHED = Behaviour.json("{\"status\":\"queued\"}");

  @Container
  private static final GenericContainer<?> redis =
      new GenericContainer<>(DockerImageName.parse("redis:7"))
          .withCommand("redis-server", "--requirepass", "secret", "--save", "")
          .withExposedPorts(6379);

  static {
    redis.setPortBindings(List.of(REDIS_PORT + ":6379")); // the same after a restart
  }

  @TempDir static Path folder;
  private static final AtomicInteger logs = new AtomicInteger();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void empty() throws Exception {
    redisCli("FLUSHALL");
  }

  @Test
  void watchersOfThreeGateways_costOneCallATaskAndInterval() throws Exception {
    int tasks = 30;
    try (SimulatedProvider provider = SimulatedProvider.start();
        Gateway first = gateway(provider);
        Gateway second = gateway(provider);
        Gateway third = gateway(provider);
        HttpClient watchers = HttpClient.newHttpClient()) {
      List<Gateway> gateways = List.of(first, second, third);
      provider.answerEverything(Behaviour.after(100, UNFINISHED));
      var open = new AtomicInteger();
      long start = System.nanoTime(); // the gateways have just started: their code is slow
      for (int i = 0; i < 300; i++) {
        HttpRequest watch =
            HttpRequest.newBuilder(gateways.get(i % 3).query("veo3:watched-" + i % tasks))
                .header("Accept", "text/event-stream")
                .build();
        var _ =
            watchers.sendAsync(
                watch,
                answer -> {
                  open.incrementAndGet();
                  return HttpResponse.BodySubscribers.discarding();
                });
      }
      await().atMost(30, TimeUnit.SECONDS).until(() -> open.get() == 300);
      await().pollDelay(INTERVAL.multipliedBy(10)).atMost(60, TimeUnit.SECONDS).until(() -> true);
      int calls = provider.calls().size();
      double intervals = (System.nanoTime() - start) / (double) INTERVAL.toNanos();

      assertThat(calls / (1 + intervals) / tasks).isBetween(0.7, 1.1);
      watchers.shutdownNow();
    }
  }

  @Test
  void finishedTasks_areFetchedByOne_forTheOthers_andForOneThatStartsAnew() throws Exception {
    long created = Instant.now().minus(Duration.ofMinutes(10)).getEpochSecond();
    List<String> ids =
        IntStream.range(0, 10).mapToObj(i -> "veo3:" + created + "-finished0" + i).toList();
    try (SimulatedProvider provider = SimulatedProvider.start();
        Gateway first = gateway(provider)) {
      Map<String, byte[]> fetched = new HashMap<>();
      for (String id : ids) {
        fetched.put(id, answerWithRedis(first, id).body());
      }
      try (Gateway second = gateway(provider)) {
        knowsWithoutAsking(second, fetched, first, provider);
      }

      try (Gateway anew = gateway(provider)) {
        knowsWithoutAsking(anew, fetched, first, provider);
        var operations = new AtomicReference<>(0.0);
        await() // until the leases are given back
            .during(Duration.ofMillis(500))
            .until(
                () -> {
                  double now = anew.metric(REDIS_REQUESTS);
                  return operations.getAndSet(now) == now;
                });
        double before = operations.get();
        assertThat(before).isPositive();
        String id = ids.getFirst();
        for (int i = 0; i < 1000; i++) {
          HttpResponse<byte[]> answer = answer(anew, id);
          assertThat(answer.body()).isEqualTo(fetched.get(id));
          assertThat(isHit(answer)).isTrue();
        }
        assertThat(anew.metric(REDIS_REQUESTS)).isEqualTo(before);

        int calls = provider.calls(id);
        assertThat(forget(anew, id)).contains("\"here\":1,\"shared\":1");
        assertThat(forget(anew, id)).contains("\"here\":0,\"shared\":0");
        answer(anew, id);
        assertThat(provider.calls(id)).isEqualTo(calls + 1);
      }
    }
  }

  @Test
  void accountThatKnowsATask_isKnownToTheOthers() throws Exception {
    List<String> ids = IntStream.range(0, 10).mapToObj(i -> "veo3:at-the-second-" + i).toList();
    try (SimulatedProvider provider = SimulatedProvider.start();
        SimulatedProvider another = SimulatedProvider.start()) {
      another.answerEverything(UNFINISHED);
      Path key = Files.writeString(folder.resolve("key"), "sk-x");
      String[] accounts = {
        "--gateway.upstream.api-key=",
        "--gateway.upstream.accounts[0].name=a",
        "--gateway.upstream.accounts[0].api-key-file=" + key,
        "--gateway.upstream.accounts[1].name=b",
        "--gateway.upstream.accounts[1].base-url=" + another.baseUrl(),
        "--gateway.upstream.accounts[1].api-key-file=" + key
      };
      try (Gateway first = gateway(provider, accounts);
          Gateway second = gateway(provider, accounts)) {
        for (String id : ids) {
          answerWithRedis(first, id);
        }
        assertThat(provider.calls()).hasSize(ids.size());
        assertThat(another.calls()).hasSize(ids.size());

        await().pollDelay(INTERVAL.plusMillis(200)).until(() -> true);
        for (String id : ids) {
          answerWithRedis(second, id);
        }

        assertThat(provider.calls())
            .hasSizeLessThanOrEqualTo(ids.size() + late(ids, first, second));
        assertThat(another.calls()).hasSize(2 * ids.size());
      }
    }
  }

  @Test
  void lostHolderOfALease_blocksNobodyForLong() throws Exception {
    String id = "veo3:lost";
    try (SimulatedProvider provider = SimulatedProvider.start();
        Gateway second = gateway(provider)) {
      provider.answerInTurn(id, Behaviour.hang(), UNFINISHED);
      Gateway lost = gateway(provider);
      var _ = client.sendAsync(get(lost, id), HttpResponse.BodyHandlers.discarding());
      await().until(() -> provider.calls(id) == 1);
      lost.process.destroyForcibly();

      long start = System.nanoTime();
      HttpResponse<byte[]> answer =
          client.send(get(second, id), HttpResponse.BodyHandlers.ofByteArray());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void whateverRedisSuffers_noRequestFails_andNoAnswerIsWrong() throws Exception {
    DockerClient docker = DockerClientFactory.instance().client();
    String container = redis.getContainerId();
    try (SimulatedProvider provider = SimulatedProvider.start();
        Gateway first = gateway(provider);
        Gateway second = gateway(provider);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var stop = new AtomicBoolean();
      var next = new AtomicInteger();
      Queue<String> wrong = new ConcurrentLinkedQueue<>();
      Queue<Long> misses = new ConcurrentLinkedQueue<>();
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        running.add(
            callers.submit(
                () -> {
                  while (!stop.get()) {
                    String id =
                        String.format(Locale.ROOT, "veo3:1770350082-%010d", next.getAndIncrement());
                    misses.add(ask(first, id, wrong));
                    ask(second, id, wrong);
                    ask(first, id, wrong);
                  }
                  return null;
                }));
      }
      pass(misses, 3); // warms up
      double calm = pass(misses, 3);
      docker.pauseContainerCmd(container).exec();
      double paused = pass(misses, 6);
      docker.unpauseContainerCmd(container).exec();
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> first.metric("gateway_redis_available") == 1);
      provider.answer("veo3:again", UNFINISHED);
      ask(first, "veo3:again", new ConcurrentLinkedQueue<>());
      redisCli(
          "EVAL",
          "for _, key in ipairs(redis.call('keys', '*')) do redis.call('set', key, 'garbage')"
              + " redis.call('set', key .. ':lease', 'garbage') end",
          "0");
      pass(misses, 3);
      long start = System.nanoTime();
      ask(first, "veo3:again", new ConcurrentLinkedQueue<>());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      redisCli("CONFIG", "SET", "maxmemory", "1000000");
      double full = pass(misses, 3);
      redisCli("CONFIG", "SET", "maxmemory", "0");
      redisCli("FLUSHALL");
      pass(misses, 2);
      docker.killContainerCmd(container).exec();
      double killed = pass(misses, 6);
      docker.startContainerCmd(container).exec();
      await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> first.metric("gateway_redis_available") == 1);
      pass(misses, 2);
      docker.restartContainerCmd(container).withTimeout(1).exec();
      pass(misses, 3);
      stop.set(true);
      for (Future<?> caller : running) {
        caller.get(30, TimeUnit.SECONDS);
      }

      assertThat(wrong).isEmpty();
      assertThat(next).hasValueGreaterThan(1000);
      assertThat(List.of(paused, full, killed)).allMatch(median -> median < calm + 50);
      assertThat(first.metric(REDIS_REQUESTS, "late")).isPositive();
      String log = Files.readString(first.log);
      assertThat(log.split("the gateway goes on without it and tries again", -1))
          .hasSizeBetween(2, 6);
      assertThat(log).contains("Redis answers too late;");
      assertThat(log).contains("Redis answers again").doesNotContain("secret");
    }
  }

  private long ask(Gateway gateway, String id, Queue<String> wrong) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer =
        client.send(get(gateway, id), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200 || !answer.body().contains(id)) {
      wrong.add(answer.statusCode() + " " + answer.body());
    }
    return System.nanoTime() - start;
  }

  /** Lets some seconds pass; the median of what was measured meanwhile, in milliseconds. */
  private static double pass(Queue<Long> measured, int seconds) {
    measured.clear();
    await()
        .pollDelay(Duration.ofSeconds(seconds))
        .atMost(Duration.ofSeconds(seconds + 30))
        .until(() -> measured.size() > 20);
    return measured.stream().sorted().skip(measured.size() / 2).findFirst().orElseThrow() / 1e6;
  }

  private void knowsWithoutAsking(
      Gateway gateway, Map<String, byte[]> fetched, Gateway by, SimulatedProvider provider)
      throws Exception {
    int before = provider.calls().size();
    int asked = 0;
    for (String id : fetched.keySet()) {
      HttpResponse<byte[]> answer = answerWithRedis(gateway, id);
      assertThat(answer.body()).isEqualTo(fetched.get(id));
      asked += isHit(answer) ? 0 : 1;
    }
    assertThat(asked)
        .isEqualTo(provider.calls().size() - before)
        .isLessThanOrEqualTo(late(fetched.keySet(), by, gateway));
  }

  /** How often Redis was too late for a gateway, as it may be on a busy machine, not usually. */
  private static int late(Collection<String> tasks, Gateway... gateways) throws Exception {
    int late = 0;
    for (Gateway gateway : gateways) {
      late += (int) gateway.metric(REDIS_REQUESTS, "late");
    }
    assertThat(late).isLessThanOrEqualTo(tasks.size() / 2);
    return late;
  }

  /** Asks when a Redis that was late is no longer left alone. */
  private HttpResponse<byte[]> answerWithRedis(Gateway gateway, String id) throws Exception {
    if (gateway.metric("gateway_redis_available") == 0) {
      await().pollDelay(Duration.ofMillis(3100)).until(() -> true);
    }
    return answer(gateway, id);
  }

  private HttpResponse<byte[]> answer(Gateway gateway, String id) throws Exception {
    HttpResponse<byte[]> answer =
        client.send(get(gateway, id), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer;
  }

  private static boolean isHit(HttpResponse<?> answer) {
    return answer.headers().firstValue("Cache-Status").orElse("").contains("hit; ttl=");
  }

  private String forget(Gateway gateway, String id) throws Exception {
    URI task = URI.create("http://127.0.0.1:" + gateway.management + "/actuator/tasks?id=" + id);
    return client
        .send(HttpRequest.newBuilder(task).DELETE().build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static HttpRequest get(Gateway gateway, String id) {
    return HttpRequest.newBuilder(gateway.query(id)).timeout(Duration.ofSeconds(60)).build();
  }

  private static void redisCli(String... command) throws Exception {
    List<String> line = new ArrayList<>(List.of("redis-cli", "-a", "secret"));
    line.addAll(List.of(command));
    var result = redis.execInContainer(line.toArray(String[]::new));
    assertThat(result.getExitCode()).as(result.toString()).isZero();
    assertThat(result.getStdout()).doesNotContain("ERR");
  }

  private Gateway gateway(SimulatedProvider provider, String... more) throws IOException {
    int port = TestSocketUtils.findAvailableTcpPort();
    int management = TestSocketUtils.findAvailableTcpPort();
    Path log = folder.resolve("gateway-" + logs.incrementAndGet() + ".log");
    Process process =
        GatewayProcess.jar(
            Map.of(
                "UPSTREAM_BASE_URL",
                provider.baseUrl().toString(),
                "UPSTREAM_API_KEY",
                "sk-x",
                "SPRING_DATA_REDIS_PASSWORD",
                "secret"),
            log,
            Stream.concat(
                    Stream.of(
                        "--gateway.access.mode=none",
                        "--gateway.cache.unfinished-ttl=" + INTERVAL.toSeconds() + "s",
                        "--gateway.cache.redis.enabled=true",
                        "--spring.data.redis.port=" + REDIS_PORT,
                        "--server.port=" + port,
                        "--management.server.port=" + management),
                    Stream.of(more))
                .toArray(String[]::new));
    var gateway = new Gateway(process, port, management, log, client);
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> gateway.metric("gateway_redis_available") == 1);
    return gateway;
  }

  private record Gateway(Process process, int port, int management, Path log, HttpClient client)
      implements AutoCloseable {
    URI query(String id) {
      return URI.create("http://127.0.0.1:" + port + "/v1/video/query?id=" + id);
    }

    /** The sum of the samples of a metric whose labels contain the given text. */
    double metric(String name, String... labels) throws IOException, InterruptedException {
      var uri = URI.create("http://127.0.0.1:" + management + "/actuator/prometheus");
      String all =
          client
              .send(
                  HttpRequest.newBuilder(uri).build(),
                  HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
              .body();
      assertThat(all).contains(name);
      return all.lines()
          .filter(line -> line.startsWith(name))
          .filter(line -> IntStream.range(0, labels.length).allMatch(i -> line.contains(labels[i])))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().orTimeout(40, TimeUnit.SECONDS).join();
    }
  }
}
