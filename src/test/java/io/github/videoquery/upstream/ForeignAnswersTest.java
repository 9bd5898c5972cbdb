package io.github.videoquery.upstream;

import static io.github.videoquery.simulation.InOrderProvider.Step.send;
import static io.github.videoquery.simulation.InOrderProvider.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.InOrderProvider;
import io.github.videoquery.simulation.InOrderProvider.Request;
import io.github.videoquery.simulation.InOrderProvider.Script;
import io.github.videoquery.simulation.InOrderProvider.Step;
import io.github.videoquery.simulation.InOrderProvider.Step.Close;
import io.github.videoquery.simulation.InOrderProvider.Step.Pause;
import io.github.videoquery.simulation.InOrderProvider.Step.Reset;
import io.github.videoquery.support.ConnectProxy;
import io.github.videoquery.support.GatewayFixture;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A provider's connection that says more than one answer to one question, says it at another time,
 * or is dead: each caller gets the answer about its own task.
 */
class ForeignAnswersTest {
  private static final int TASKS = 60;
  private static final int CALLERS = 20;
  private static final String HINT =
      "HTTP/1.1 103 Early Hints\r\nLink: </v.css>; rel=preload\r\n\r\n";

  private static final Map<String, Script> SCRIPTS = new TreeMap<>();

  static {
    var once = new AtomicBoolean(true);
    SCRIPTS.put("hint-always", request -> List.of(send(HINT), new Pause(5), own(request)));
    SCRIPTS.put("hint-same-packet", request -> List.of(send(HINT, request.answer())));
    SCRIPTS.put("hint-in-halves", request -> halves(HINT + request.answer(), 40));
    SCRIPTS.put(
        "hint-sometimes",
        request ->
            request.number() % 3 == 0
                ? List.of(send(HINT), new Pause(20), own(request))
                : List.of(own(request)));
    SCRIPTS.put(
        "hint-once",
        request ->
            once.getAndSet(false)
                ? List.of(send(HINT), new Pause(250), own(request))
                : List.of(own(request)));
    SCRIPTS.put("hints-five", request -> List.of(send(HINT.repeat(5)), new Pause(5), own(request)));
    for (String interim : List.of("100 Continue", "102 Processing", "104 Upload", "199 X")) {
      SCRIPTS.put(
          "interim-" + interim.substring(0, 3),
          request -> List.of(send("HTTP/1.1 " + interim + "\r\n\r\n"), new Pause(5), own(request)));
    }
    for (int millis : new int[] {0, 5, 20, 50, 200}) {
      SCRIPTS.put(
          "stray-whole-" + millis,
          request -> List.of(own(request), new Pause(millis), own(request)));
      SCRIPTS.put("stray-halves-" + millis, request -> strayInHalves(request, millis));
      SCRIPTS.put(
          "stray-half-a-head-" + millis,
          request -> List.of(own(request), new Pause(millis), send("HTTP/1.1 200 O")));
      for (String part : List.of("H", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le")) {
        SCRIPTS.put(
            "stray-part-" + part.length() + "-" + millis,
            request -> List.of(own(request), new Pause(millis), send(part)));
      }
      SCRIPTS.put(
          "idle-408-" + millis,
          request ->
              List.of(
                  own(request),
                  new Pause(millis),
                  send(response("408 Request Timeout", "", "Connection: close")),
                  new Close()));
      SCRIPTS.put(
          "fin-" + millis, request -> List.of(own(request), new Pause(millis), new Close()));
      SCRIPTS.put(
          "reset-" + millis, request -> List.of(own(request), new Pause(millis), new Reset()));
    }
    SCRIPTS.put("stray-same-packet", request -> List.of(send(request.answer(), request.answer())));
    SCRIPTS.put("stray-head-same-packet", request -> List.of(send(request.answer(), "HTTP/1.1 2")));
    SCRIPTS.put("stray-line-same-packet", request -> List.of(send(request.answer(), "\r\n")));
    SCRIPTS.put(
        "stray-chunked-same-packet", request -> List.of(send(chunked(request), chunked(request))));
    SCRIPTS.put("stray-hint-same-packet", request -> List.of(send(request.answer(), HINT)));
    SCRIPTS.put(
        "second-question-408",
        request ->
            request.number() == 2
                ? List.of(
                    send(response("408 Request Timeout", "", "Connection: close")), new Close())
                : List.of(own(request)));
    SCRIPTS.put(
        "second-question-reset",
        request -> request.number() == 2 ? List.of(new Reset()) : List.of(own(request)));
    SCRIPTS.put(
        "shifted",
        request ->
            request.number() % 2 == 0
                ? List.of(send(new Request("veo3:another-" + request.id().length(), 1, 1).answer()))
                : List.of(own(request)));
  }

  @TempDir static Path folder;
  private static InOrderProvider sharedProvider;
  private static GatewayFixture sharedGateway;

  @BeforeAll
  static void start() {
    sharedProvider = InOrderProvider.start(byName());
    sharedGateway = inFrontOf("http", sharedProvider);
  }

  @AfterAll
  static void stop() {
    sharedGateway.close();
    sharedProvider.close();
  }

  private static Step own(Request request) {
    return send(request.answer());
  }

  private static List<Step> halves(String text, int at) {
    return List.of(send(text.substring(0, at)), new Pause(5), send(text.substring(at)));
  }

  private static List<Step> strayInHalves(Request request, int millis) {
    var steps = new ArrayList<Step>(List.of(own(request), new Pause(millis)));
    steps.addAll(halves(request.answer(), 70));
    return steps;
  }

  private static String chunked(Request request) {
    String body = request.body();
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + Integer.toHexString(body.length())
        + "\r\n"
        + body
        + "\r\n0\r\n\r\n";
  }

  static List<String> scripts() {
    return List.copyOf(SCRIPTS.keySet());
  }

  private static Script byName() {
    return request -> {
      String name = request.id().replaceAll("^veo3:|\\..*", "");
      return Objects.requireNonNull(SCRIPTS.get(name), name).steps(request);
    };
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void answer_isTheAskedTasksOwn(String script) throws Exception {
    assertAllOwn(sharedGateway, script);
  }

  @Test
  void answer_isTheAskedTasksOwn_overTlsAndThroughAProxy() throws Exception {
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path ca = Files.writeString(folder.resolve("ca.crt"), certificate.getCertificatePEM());
    var tls =
        SslContextBuilder.forServer(
                certificate.getKeyPair().getPrivate(), certificate.getCertificate())
            .build();
    String[] trust = {
      "gateway.upstream.ssl-bundle=provider",
      "spring.ssl.bundle.pem.provider.truststore.certificate=" + ca
    };
    try (InOrderProvider provider = InOrderProvider.startTls(tls, byName());
        ConnectProxy proxy = new ConnectProxy()) {
      try (GatewayFixture gateway = inFrontOf("https", provider, trust)) {
        assertAllScripts(gateway);
      }
      String through = "gateway.upstream.proxy=http://127.0.0.1:" + proxy.port();
      try (GatewayFixture gateway = inFrontOf("https", provider, trust[0], trust[1], through)) {
        assertAllScripts(gateway);
      }
    }
  }

  private static void assertAllScripts(GatewayFixture gateway) throws Exception {
    for (String script : SCRIPTS.keySet()) {
      if (!script.endsWith("-50") && !script.endsWith("-200")) {
        assertAllOwn(gateway, script);
      }
    }
  }

  private static GatewayFixture inFrontOf(
      String scheme, InOrderProvider provider, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("gateway.upstream.base-url=" + scheme + "://localhost:" + provider.port());
    return GatewayFixture.startInRealTime(all.toArray(String[]::new));
  }

  /** Asks about all tasks, some callers at once, and once more from memory; some wait or watch. */
  private static void assertAllOwn(GatewayFixture gateway, String script) throws Exception {
    String[] suffix = {"", "&wait=5"};
    IntUnaryOperator way = i -> i % 5 == 0 ? 1 : 0;
    for (int round = 0; round < 2; round++) {
      Map<String, String> wrong = new ConcurrentHashMap<>();
      inParallel(
          IntStream.range(0, TASKS).boxed().toList(),
          i -> {
            String id = "veo3:" + script + "." + i;
            boolean isWatched = i % 7 == 0;
            HttpResponse<byte[]> answer =
                isWatched
                    ? gateway.get("id=" + id, "Accept", "text/event-stream")
                    : gateway.get("id=" + id + suffix[way.applyAsInt(i)]);
            String body = new String(answer.body(), StandardCharsets.UTF_8);
            boolean isOwn =
                isWatched
                    ? body.contains("\"id\":\"" + id + "\"") && body.contains("event: end")
                    : body.equals(new Request(id, 1, 1).body());
            if (answer.statusCode() != 200 || !isOwn) {
              wrong.put(id, answer.statusCode() + " " + body);
            }
          });
      assertThat(wrong).as(script + ", round " + round).isEmpty();
    }
  }

  private interface Work {
    void on(int task) throws Exception;
  }

  private static void inParallel(List<Integer> tasks, Work work) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int task : tasks) {
        all.add(
            callers.submit(
                () -> {
                  work.on(task);
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void foreignAnswer_isInvalid_whenTheSecondIsForeignToo_andNeverKept() throws Exception {
    try (InOrderProvider provider =
            InOrderProvider.start(
                request -> List.of(send(new Request("veo3:another", 1, 1).answer())));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      for (int i = 1; i <= 2; i++) {
        HttpResponse<byte[]> answer = gateway.get("id=veo3:mine");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).asString().contains("\"code\":\"upstream-invalid-response\"");
        assertThat(provider.requests()).isEqualTo(2 * i);
        assertThat(provider.connections()).isEqualTo(2 * i);
      }
      assertThat(gateway.metric("gateway_upstream_drift_total", "kind=\"foreign_task\""))
          .isEqualTo(4);
      assertThat(gateway.metric("gateway_upstream_breaker_open")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "404 Not Found|{\"code\":\"task_not_exist\",\"task_id\":\"veo3:another\"}",
        "200 OK|{\"code\":\"task_not_exist\",\"id\":\"veo3:another\"}",
        "200 OK|{\"code\":\"success\",\"id\":\"veo3:another\",\"data\":null}",
        "401 Unauthorized|{\"id\":\"veo3:another\",\"error\":{\"message\":\"x\"}}",
      })
  void foreignRefusal_isNoAnswerEither(String refusal) throws Exception {
    String[] parts = refusal.split("\\|", 2);
    try (InOrderProvider provider =
            InOrderProvider.start(
                request ->
                    request.connection() == 1
                        ? List.of(send(response(parts[0], parts[1])))
                        : List.of(own(request)));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      assertThat(gateway.get("id=veo3:mine").statusCode()).isEqualTo(200);
      assertThat(gateway.metric("gateway_upstream_key_healthy")).isEqualTo(1);
    }
  }

  @Test
  void foreignAnswer_isPassedOn_whenIdsAreNotCompared() throws Exception {
    String another = new Request("veo3:another", 1, 1).body();
    try (InOrderProvider provider =
            InOrderProvider.start(request -> List.of(send(response("200 OK", another))));
        GatewayFixture gateway =
            inFrontOf("http", provider, "gateway.upstream.compare-ids=false")) {
      assertThat(gateway.get("id=veo3:mine").body()).asString().isEqualTo(another);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 20, 100})
  void query_isAnswered_whenPooledConnectionsAreDead(int dead) throws Exception {
    var filled = new CountDownLatch(dead);
    try (InOrderProvider provider =
            InOrderProvider.start(
                request -> request.number() > 1 ? List.of(new Reset()) : held(request, filled));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      inParallelAll(gateway, dead);
      for (int i = 0; i < 3; i++) {
        assertThat(gateway.get("id=veo3:after." + i).statusCode()).isEqualTo(200);
      }
    }
  }

  /** The answers come a while later, so that each request needs a connection of its own. */
  private static List<Step> held(Request request, CountDownLatch filled) {
    filled.countDown();
    return List.of(new Pause(300), own(request));
  }

  private static void inParallelAll(GatewayFixture gateway, int callers) throws Exception {
    try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers =
          IntStream.range(0, callers)
              .mapToObj(i -> all.submit(() -> gateway.get("id=veo3:fill." + i).statusCode()))
              .toList();
      for (Future<Integer> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(200);
      }
    }
  }

  @Test
  void query_isAnswered_whenAPooledConnectionWentDark() throws Exception {
    try (InOrderProvider provider =
            InOrderProvider.start(
                request -> request.number() > 1 ? List.of() : List.of(own(request)));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      assertThat(gateway.get("id=veo3:first").statusCode()).isEqualTo(200);
      awaitIdleConnection(gateway);
      long start = System.nanoTime();

      assertThat(gateway.get("id=veo3:second").statusCode()).isEqualTo(200);

      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .isBetween(1_900L, 5_000L);
    }
  }

  /** The caller may have its answer before the pool has the connection. */
  private static void awaitIdleConnection(GatewayFixture gateway) {
    await().until(() -> gateway.metric("reactor_netty_connection_provider_idle_connections") >= 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 1000 Odd\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 20 Odd\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx",
        "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n",
        "\u0000\u0000\u0006\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0003\u0000\u0000\u0000d",
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 25\r\n\r\n"
            + "This server needs HTTP/2."
      })
  void invalidAnswer_isSaidToBe_andClosesTheConnection(String answer) throws Exception {
    try (InOrderProvider provider =
            InOrderProvider.start(
                request ->
                    request.id().endsWith("bad")
                        ? List.of(send(answer), new Pause(300))
                        : List.of(own(request)));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      HttpResponse<byte[]> problem = gateway.get("id=veo3:bad");

      assertThat(problem.body()).asString().contains("\"code\":\"upstream-invalid-response\"");
      assertThat(problem.statusCode()).isEqualTo(502);
      assertThat(gateway.get("id=veo3:good").statusCode()).isEqualTo(200);
      assertThat(provider.connections()).isEqualTo(answer.contains("403") ? 1 : 2);
      assertThat(gateway.metric("gateway_upstream_key_healthy")).isEqualTo(1);
    }
  }

  @Test
  void bigHead_passes_upTo64Kilobytes_andNeverFeedsTheBreaker() throws Exception {
    String cookie = "Set-Cookie: " + "c".repeat(1_000);
    String[] twenty = IntStream.range(0, 20).mapToObj(i -> cookie).toArray(String[]::new);
    String[] eighty = IntStream.range(0, 80).mapToObj(i -> cookie).toArray(String[]::new);
    try (InOrderProvider provider =
            InOrderProvider.start(
                request ->
                    List.of(
                        send(
                            response(
                                "200 OK",
                                request.body(),
                                request.id().contains("80") ? eighty : twenty))));
        GatewayFixture gateway = inFrontOf("http", provider)) {
      for (int i = 0; i < 30; i++) {
        HttpResponse<byte[]> problem = gateway.get("id=veo3:head80." + i);
        assertThat(problem.body()).asString().contains("\"code\":\"upstream-invalid-response\"");
      }
      for (int i = 0; i < 30; i++) {
        assertThat(gateway.get("id=veo3:head20." + i).statusCode()).isEqualTo(200);
      }
      assertThat(gateway.metric("gateway_upstream_breaker_open")).isZero();
    }
  }

  @Test
  void answerThatHasBegun_isNotAskedForTwice() throws Exception {
    for (String part : List.of("HTT", "HTTP/1.1 200 OK\r\nContent-", HINT)) {
      for (Step end : List.of(new Close(), new Reset())) {
        try (InOrderProvider provider =
                InOrderProvider.start(request -> List.of(send(part), new Pause(50), end));
            GatewayFixture gateway = inFrontOf("http", provider)) {
          HttpResponse<byte[]> problem = gateway.get("id=veo3:cut");

          assertThat(problem.statusCode()).isEqualTo(502);
          assertThat(provider.requests()).as(part + end).isEqualTo(1);
        }
      }
    }
  }
}
