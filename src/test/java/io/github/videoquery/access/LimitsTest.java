package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** How much each may ask: rates, failed attempts, requests in progress; and a file that changes. */
@ExtendWith(OutputCaptureExtension.class)
class LimitsTest {
  private static final String FINISHED = "id=veo3:1770350082-finished01";

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private GatewayFixture gateway;

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
  }

  @Test
  void hitsCostATenth_andAQuestionMoreThanIsLeftIsRefused() throws Exception {
    gateway = withClients("{name: a, keys: [A], rate: {per-second: 2, burst: 4}}");

    ask("key-a", FINISHED); // 1 of 4
    for (int i = 0; i < 25; i++) { // 2.5 more
      assertThat(ask("key-a", FINISHED).statusCode()).isEqualTo(200);
    }
    HttpResponse<byte[]> refused = ask("key-a", "id=veo3:1770350082-finished02");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused.headers().firstValue("RateLimit-Policy")).contains("\"client\";q=4;w=2");
    assertThat(refused.headers().firstValue("RateLimit")).contains("\"client\";r=0;t=1");
    assertThat(refused.body()).asString().contains("\"rate-limited\"").contains("\"retryAfter\":1");
    assertThat(gateway.provider.calls()).hasSize(1);
    await() // counted just after its answer was sent
        .untilAsserted(
            () ->
                assertThat(
                        gateway.metric("gateway_client_requests_total", "outcome=\"rate_limited\""))
                    .isEqualTo(1));
  }

  @Test
  void whoReadsOpenPathsSlowly_takesNoPlaceOfAQuestion() throws Exception {
    gateway =
        withClients(
            "{name: a, keys: [A]}",
            "gateway.access.max-requests-in-progress=3",
            "gateway.upstream.call-timeout=8s");
    byte[] flood =
        "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n"
            .repeat(500)
            .getBytes(StandardCharsets.US_ASCII);
    List<Socket> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        socket.setReceiveBufferSize(1024);
        socket.getOutputStream().write(flood);
        readers.add(socket);
      }

      for (int i = 0; i < 20; i++) {
        assertThat(ask("key-a", "id=veo3:1770350082-finished1" + i).statusCode()).isEqualTo(200);
      }
    } finally {
      for (Socket socket : readers) {
        socket.close();
      }
    }
  }

  @Test
  void oneClientsLimit_isNoOtherClients() throws Exception {
    gateway =
        withClients("{name: a, keys: [A], rate: {per-second: 1, burst: 1}}, {name: b, keys: [B]}");

    assertThat(successes("key-a", 5)).isEqualTo(1);
    assertThat(successes("key-b", 50)).isEqualTo(50);
  }

  @Test
  void standardRate_isTheProperties() throws Exception {
    gateway =
        withClients(
            "{name: a, keys: [A]}",
            "gateway.access.rate-limit.per-second=1",
            "gateway.access.rate-limit.burst=3");

    assertThat(successes("key-a", 10)).isEqualTo(3);
  }

  @Test
  void waitsAndStreams_costOneQuestion() throws Exception {
    gateway = withClients("{name: a, keys: [A], rate: {per-second: 1, burst: 3}}");
    gateway.provider.answer("ended", Behaviour.json("{\"status\":\"failed\"}"));

    assertThat(ask("key-a", "id=ended&wait=5").statusCode()).isEqualTo(200);
    assertThat(
            gateway
                .get("id=ended", "Authorization", "Bearer key-a", "Accept", "text/event-stream")
                .statusCode())
        .isEqualTo(200);
    assertThat(ask("key-a", "id=ended&wait=5").statusCode()).isEqualTo(200);
    assertThat(ask("key-a", "id=ended&wait=5").statusCode()).isEqualTo(429);
  }

  @Test
  void forwardedAddress_isBelieved_onlyOfATrustedProxy() throws Exception {
    gateway = withClients("{name: a, keys: [A]}");
    assertThat(failuresFrom(101, "X-Forwarded-For", "203.0.113.")).containsOnly(401, 429);

    gateway = withClients("{name: a, keys: [A]}", "gateway.access.trusted-proxies=127.0.0.0/8");
    assertThat(failuresFrom(120, "X-Forwarded-For", "203.0.113.")).containsOnly(401);
    assertThat(failuresFrom(120, "Forwarded", "for=198.51.100.")).containsOnly(401);
  }

  private List<Integer> failuresFrom(int count, String header, String prefix) throws Exception {
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(
          gateway
              .get(FINISHED, "Authorization", "Bearer wrong", header, prefix + (i % 250))
              .statusCode());
    }
    return answers;
  }

  @Test
  void requestsInProgress_areBounded_whileMemoryStillAnswers() throws Exception {
    gateway =
        withClients(
            "{name: a, keys: [A]}",
            "gateway.access.max-requests-in-progress=3",
            "gateway.upstream.call-timeout=8s");
    ask("key-a", FINISHED);
    gateway.provider.answer("known", Behaviour.json("{\"status\":\"queued\"}"));
    ask("key-a", "id=known");
    gateway.time.advance(Duration.ofSeconds(6));
    gateway.provider.answer("slow", Behaviour.hang());
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<byte[]>>> slow = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        slow.add(callers.submit(() -> ask("key-a", "id=slow")));
      }
      await()
          .untilAsserted(
              () -> assertThat(gateway.metric("gateway_requests_in_progress")).isEqualTo(3));

      HttpResponse<byte[]> refused = ask("key-a", "id=veo3:1770350082-finished03");

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("5");
      assertThat(refused.body()).asString().contains("\"overloaded\"");
      assertThat(ask("key-a", FINISHED).statusCode()).isEqualTo(200);
      HttpResponse<byte[]> stale = ask("key-a", "id=known");
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.headers().firstValue("Cache-Status").orElse("")).contains("hit; ttl=0");
      assertThat(stale.headers().firstValue("Retry-After")).contains("5");
      assertThat(gateway.provider.calls("known")).isEqualTo(1);
      for (Future<HttpResponse<byte[]>> answer : slow) {
        assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(504);
      }
    }
    await() // a place is left just after its answer was sent
        .untilAsserted(
            () -> assertThat(gateway.metric("gateway_requests_in_progress")).isEqualTo(0));
    assertThat(ask("key-a", "id=veo3:1770350082-finished03").statusCode()).isEqualTo(200);
    assertThat(gateway.metric("gateway_requests_refused_total")).isEqualTo(1);
  }

  @Test
  void clientsFile_isReadAnew_withoutDroppingARequest(CapturedOutput output) throws Exception {
    gateway = withClients("{name: a, keys: [A]}, {name: old, keys: [B]}");
    ask("key-a", FINISHED);
    assertThat(ask("key-b", FINISHED).statusCode()).isEqualTo(200);
    assertThat(ask("key-c", FINISHED).statusCode()).isEqualTo(401);
    var stop = new AtomicBoolean();
    Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> load =
          callers.submit(
              () -> {
                while (!stop.get()) {
                  answers.add(ask("key-a", FINISHED).statusCode());
                  gateway.time.advance(Duration.ofMillis(10));
                }
                return null;
              });

      write("{name: a, keys: [A]}, {name: new, keys: [C]}");
      awaitStatus("key-c", 200);
      awaitStatus("key-b", 401);

      Files.writeString(folder.resolve("clients.yaml"), "clients: [{name: a}]");
      await().untilAsserted(() -> assertThat(output).contains("The changed clients file cannot"));
      assertThat(ask("key-c", FINISHED).statusCode()).isEqualTo(200);

      write("{name: a, keys: [A, B]}");
      awaitStatus("key-b", 200);
      stop.set(true);
      load.get(10, TimeUnit.SECONDS);
    }
    assertThat(answers).hasSizeGreaterThan(100).containsOnly(200);
    assertThat(output).contains("has no keys").doesNotContain("key-a");
  }

  @Test
  void reloadedFile_leavesAllowancesAsTheyWere(CapturedOutput output) throws Exception {
    gateway = withClients("{name: a, keys: [A], rate: {per-second: 1, burst: 2}}");
    assertThat(successes("key-a", 5)).isEqualTo(2);

    write("{name: a, keys: [A, B], rate: {per-second: 1, burst: 2}}");
    await().untilAsserted(() -> assertThat(output).contains("The clients were replaced"));

    assertThat(successes("key-b", 5)).isZero();
  }

  private void awaitStatus(String key, int status) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(ask(key, FINISHED).statusCode()).isEqualTo(status));
  }

  private GatewayFixture withClients(String clients, String... properties) throws Exception {
    List<String> settings = new ArrayList<>(List.of(properties));
    settings.add("gateway.access.mode=api-key");
    settings.add("gateway.access.clients-file=" + write(clients));
    settings.add("gateway.upstream.response-timeout=3s");
    stop();
    return GatewayFixture.start(settings.toArray(String[]::new));
  }

  private Path write(String clients) throws Exception {
    String yaml = "clients: [" + clients + "]";
    for (String key : List.of("A", "B", "C")) {
      yaml =
          yaml.replaceAll(
              "(?<=[\\[ ])" + key + "(?=[],])",
              '"' + GatewayFixture.hash("key-" + key.toLowerCase(java.util.Locale.ROOT)) + '"');
    }
    Path next = Files.writeString(folder.resolve("next"), yaml);
    return Files.move(next, folder.resolve("clients.yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** How many of so many first questions about a task are answered. */
  private int successes(String key, int count) throws Exception {
    int answered = 0;
    for (int i = 0; i < count; i++) {
      int status = ask(key, "id=veo3:1770350082-new" + System.nanoTime()).statusCode();
      assertThat(status).isIn(200, 429);
      answered += status == 200 ? 1 : 0;
    }
    return answered;
  }

  private HttpResponse<byte[]> ask(String key, String parameters) throws Exception {
    return gateway.get(parameters, "Authorization", "Bearer " + key);
  }
}
