package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.SimulatedProvider.Call;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway is for, through its HTTP port, with a simulated provider behind it. */
class MainJobTest {
  private static final byte[] EXAMPLE = example();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void finishedTask_isAnsweredByteForByte_andThenFromMemory() throws Exception {
    String id = finishedTask();

    HttpResponse<byte[]> first = gateway.get("id=" + id);
    HttpResponse<byte[]> second = gateway.get("id=" + id);

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).isEqualTo(EXAMPLE);
    assertThat(second.body()).isEqualTo(EXAMPLE);
    assertThat(header(first, "Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=uri-miss; stored");
    assertThat(header(second, "Cache-Status")).matches("video-query-gateway; hit; ttl=\\d+");
    assertThat(gateway.provider.calls(id)).isEqualTo(1);
  }

  @Test
  void body_thatComesAfterTheHead_isDrained_andTheConnectionGoesOn() throws Exception {
    String id = finishedTask();
    gateway.get("id=" + id);
    String head = "GET /v1/video/query?id=" + id + " HTTP/1.1\r\nHost: x\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      var out = socket.getOutputStream();
      out.write((head + "Content-Length: 4\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
      out.write("body".getBytes(StandardCharsets.US_ASCII));
      out.write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));

      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
    }
  }

  /** Clients' base addresses often end in a slash. */
  @ParameterizedTest
  @ValueSource(strings = {"//v1/video/query", "/v1/video/query/", "/v1//video/query//"})
  void spareSlashes_leadToTheSameEntry_metricAndAccessCheck(String path) throws Exception {
    String id = "slashes" + path.length() + path.indexOf("//");
    gateway.provider.answer(id, Behaviour.json("{\"status\":\"failed\"}"));
    double before = gateway.metric("http_server_requests_seconds_count", "uri=\"/v1/video/query\"");
    assertThat(gateway.get("id=" + id).statusCode()).isEqualTo(200);

    RawHttp answer =
        RawHttp.send(
            gateway.port(), "GET " + path + "?id=" + id + " HTTP/1.1\r\nHost: gateway\r\n\r\n");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("cache-status")).contains("hit");
    assertThat(gateway.provider.calls(id)).isEqualTo(1);
    Awaitility.await()
        .until(
            () ->
                gateway.metric("http_server_requests_seconds_count", "uri=\"/v1/video/query\"")
                    == before + 2);
  }

  @Test
  void fiftyPollers_costTheProviderACallAnInterval_throughAWholeTask() throws Exception {
    String id = "veo3.1-fast:" + gateway.time.instant().getEpochSecond() + "-polled0001";
    int pollers = 50;
    Duration each = Duration.ofSeconds(5);

    for (int asked = 0; asked < pollers * 240L / each.toSeconds(); asked++) {
      assertThat(gateway.get("id=" + id).statusCode()).isEqualTo(200);
      gateway.time.advance(each.dividedBy(pollers));
    }

    assertThat(gateway.provider.calls(id)).isBetween(40, 60);
  }

  @Test
  void answer_carriesTheContractsHeaders_andNoneOfTheProviders() throws Exception {
    String id = finishedTask();
    gateway.get("id=" + id);
    gateway.time.advance(Duration.ofSeconds(7));

    HttpResponse<byte[]> answer = gateway.get("id=" + id, "X-Request-Id", "my.request-1");

    assertThat(answer.headers().map().keySet().stream().map(String::toLowerCase))
        .containsExactlyInAnyOrder(
            "date",
            "x-request-id",
            "x-content-type-options",
            "referrer-policy",
            "cache-status",
            "vary",
            "x-accel-expires",
            "cache-control",
            "age",
            "etag",
            "content-type",
            "content-length");
    assertThat(header(answer, "X-Request-Id")).isEqualTo("my.request-1");
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(header(answer, "Age")).isEqualTo("7");
    assertThat(header(answer, "Vary")).isEqualTo("Accept, Accept-Encoding, Origin");
    Matcher maxAge =
        Pattern.compile("private, max-age=(\\d+)").matcher(header(answer, "Cache-Control"));
    assertThat(maxAge.matches()).isTrue();
    int ttl = Integer.parseInt(maxAge.group(1)) - 7;
    assertThat(header(answer, "Cache-Status")).isEqualTo("video-query-gateway; hit; ttl=" + ttl);
  }

  @Test
  void requestId_isNew_whenTheCallersIsMalformed() throws Exception {
    HttpResponse<byte[]> answer = gateway.get("id=" + finishedTask(), "X-Request-Id", "a b{}");

    assertThat(header(answer, "X-Request-Id")).matches("[0-9a-f]{32}");
  }

  @Test
  void head_answersLikeGet_withoutABody() throws Exception {
    String id = finishedTask();

    HttpResponse<byte[]> miss = gateway.send("HEAD", gateway.query("id=" + id));
    HttpResponse<byte[]> hit = gateway.send("HEAD", gateway.query("id=" + id));

    for (HttpResponse<byte[]> answer : List.of(miss, hit)) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(header(answer, "Content-Length")).isEqualTo("3000");
      assertThat(header(answer, "ETag")).isNotEmpty();
    }
  }

  @Test
  void etag_answers304_onlyWhenAsked() throws Exception {
    String id = finishedTask();
    String etag = header(gateway.get("id=" + id), "ETag");

    HttpResponse<byte[]> same = gateway.get("id=" + id, "If-None-Match", "\"other\", W/" + etag);
    HttpResponse<byte[]> different = gateway.get("id=" + id, "If-None-Match", "\"other\"");

    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(header(same, "ETag")).isEqualTo(etag);
    assertThat(header(same, "Cache-Control")).startsWith("private, max-age=");
    assertThat(different.statusCode()).isEqualTo(200);
  }

  @Test
  void gzip_isAnswered_whenAccepted_withItsOwnEtag() throws Exception {
    String id = finishedTask();
    String etag = header(gateway.get("id=" + id), "ETag");

    HttpResponse<byte[]> zipped = gateway.get("id=" + id, "Accept-Encoding", "gzip");

    assertThat(header(zipped, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(zipped, "ETag")).isEqualTo(etag.replaceFirst("\"$", "-gzip\""));
    assertThat(zipped.body().length).isLessThan(2000);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
        .isEqualTo(EXAMPLE);
    assertThat(gateway.get("id=" + id, "If-None-Match", header(zipped, "ETag")).statusCode())
        .isEqualTo(304);
  }

  @Test
  void upstream_seesOurKey_andNothingOfTheCallers() throws Exception {
    String id = finishedTask();

    gateway.get(
        "id=" + id + "&model=veo3&token=secret&wait=",
        "Authorization",
        "Bearer callers-own",
        "Cookie",
        "session=callers-own",
        "X-Forwarded-For",
        "192.0.2.1",
        "X-Anything",
        "callers-own",
        "Content-Type",
        "text/plain");

    Call call = callFor(id);
    assertThat(call.target())
        .isEqualTo("/v1/video/query?id=" + id.replace(":", "%3A") + "&model=veo3");
    assertThat(call.headers())
        .containsEntry("authorization", "Bearer " + GatewayFixture.KEY)
        .containsEntry("accept", "application/json")
        .containsEntry("content-type", "application/json")
        .containsOnlyKeys(
            "host", "authorization", "accept", "content-type", "user-agent", "accept-encoding");
    assertThat(call.headers().toString()).doesNotContain("callers-own").doesNotContain("192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"veo3:a%3Ab", "veo3%3Aa:b"})
  void id_isTheSame_rawOrEncoded(String spelling) throws Exception {
    gateway.provider.answer(
        "veo3:a:b", Behaviour.json(new String(EXAMPLE, StandardCharsets.UTF_8)));

    assertThat(gateway.get("id=" + spelling).statusCode()).isEqualTo(200);

    assertThat(gateway.provider.calls("veo3:a:b")).isEqualTo(1);
  }

  @Test
  void id_isEncodedExactlyOnce() throws Exception {
    String id = "x:+%&=/?#\"<>~'";
    gateway.provider.answer(id, Behaviour.json("{\"status\":\"queued\"}"));

    HttpResponse<byte[]> answer = gateway.get("id=x:%2B%25%26%3D/?%23%22%3C%3E~'");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(gateway.provider.calls(id)).isEqualTo(1);
  }

  @Test
  void firstQuestions_shareOneCall_andHangingUpHarmsNobody() throws Exception {
    String id = "veo3:many-at-once";
    CompletableFuture<Void> release = answeredOnRelease(id);
    double saved = gateway.metric("gateway_upstream_calls_saved_total");

    List<Socket> leaving = new ArrayList<>();
    List<Future<HttpResponse<byte[]>>> staying = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        socket
            .getOutputStream()
            .write(
                ("GET /v1/video/query?id=" + id + " HTTP/1.1\r\nHost: a\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        leaving.add(socket);
        staying.add(threads.submit(() -> gateway.get("id=" + id)));
      }
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> gateway.metric("gateway_upstream_calls_saved_total") - saved == 199);
      for (Socket socket : leaving) {
        socket.close();
      }
      release.complete(null);

      List<String> statuses = new ArrayList<>();
      for (Future<HttpResponse<byte[]>> answer : staying) {
        assertThat(answer.get(30, TimeUnit.SECONDS).body())
            .asString()
            .isEqualTo("{\"status\":\"queued\"}");
        statuses.add(header(answer.get(), "Cache-Status"));
      }
      assertThat(gateway.provider.calls(id)).isEqualTo(1);
      assertThat(statuses)
          .isSubsetOf(
              "video-query-gateway; fwd=uri-miss; stored",
              "video-query-gateway; fwd=uri-miss; collapsed");
      assertThat(statuses.stream().filter(status -> status.contains("stored")).count())
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void callOfACallerWhoHangsUp_isFinishedForTheOthers() throws Exception {
    String id = "veo3:leader-leaves";
    CompletableFuture<Void> release = answeredOnRelease(id);
    double saved = gateway.metric("gateway_upstream_calls_saved_total");
    Socket leader = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
    leader
        .getOutputStream()
        .write(
            ("GET /v1/video/query?id=" + id + " HTTP/1.1\r\nHost: a\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    Awaitility.await().until(() -> gateway.provider.calls(id) == 1);
    CompletableFuture<HttpResponse<byte[]>> follower =
        gateway.client.sendAsync(
            HttpRequest.newBuilder(gateway.query("id=" + id)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    Awaitility.await()
        .until(() -> gateway.metric("gateway_upstream_calls_saved_total") - saved == 1);

    leader.setSoLinger(true, 0);
    leader.close();
    release.complete(null);

    HttpResponse<byte[]> answer = follower.get(30, TimeUnit.SECONDS);
    assertThat(answer.body()).asString().isEqualTo("{\"status\":\"queued\"}");
    assertThat(header(answer, "Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=uri-miss; collapsed");
    assertThat(gateway.provider.calls(id)).isEqualTo(1);
  }

  @Test
  void wholeLife_reachesTheCaller_stageByStage() throws Exception {
    String id = "veo3.1-fast:" + gateway.time.instant().getEpochSecond() + "-wholelife1";
    Set<String> seen = new LinkedHashSet<>();
    HttpResponse<byte[]> answer = gateway.get("id=" + id);
    int asked = 0;

    while (!header(answer, "Cache-Control").contains("max-age")) {
      seen.add(status(answer));
      assertThat(header(answer, "Cache-Control")).isEqualTo("private, no-cache");
      gateway.time.advance(Duration.ofSeconds(Integer.parseInt(header(answer, "Retry-After"))));
      answer = gateway.get("id=" + id);
      assertThat(++asked).isLessThan(100);
    }

    assertThat(seen)
        .containsExactly(
            "pending",
            "image_downloading",
            "video_generating",
            "video_generation_completed",
            "video_upsampling",
            "completed");
    assertThat(answer.body())
        .asString()
        .contains("\"video_url\": \"https://pro.filesystem.site/cdn/");
    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    assertThat(gateway.provider.calls(id)).isEqualTo(asked + 1).isBetween(50, 62);
  }

  @Test
  void failingLife_endsInFailure_inTheHostsOwnDialect() throws Exception {
    String id =
        "sora-2:" + gateway.time.instant().minusSeconds(200).getEpochSecond() + "-failing001";

    HttpResponse<byte[]> answer = gateway.get("id=" + id);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .asString()
        .startsWith("{\"code\":\"success\",\"data\":{")
        .contains("\"failed\"");
    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    gateway.time.advance(Duration.ofSeconds(59));
    assertThat(header(gateway.get("id=" + id), "Cache-Status")).contains("hit");
  }

  @Test
  void provider_isGone_andComesBack() throws Exception {
    String finished = finishedTask();
    String unfinished = "veo3:unfinished-" + NEXT.incrementAndGet();
    String unknown = "veo3:new-" + NEXT.incrementAndGet();
    gateway.provider.answer(unfinished, Behaviour.json("{\"status\":\"queued\"}"));
    gateway.provider.answer(unknown, Behaviour.json("{\"status\":\"queued\"}"));
    gateway.get("id=" + finished);
    gateway.get("id=" + unfinished);
    gateway.provider.answerEverything(Behaviour.reset());
    gateway.time.advance(Duration.ofSeconds(10));

    HttpResponse<byte[]> fresh = gateway.get("id=" + finished);
    HttpResponse<byte[]> stale = gateway.get("id=" + unfinished);
    HttpResponse<byte[]> lost = gateway.get("id=" + unknown);
    gateway.provider.answerEverything(null);
    HttpResponse<byte[]> back = gateway.get("id=" + unfinished);
    HttpResponse<byte[]> found = gateway.get("id=" + unknown);

    assertThat(fresh.statusCode()).isEqualTo(200);
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(header(stale, "Cache-Status"))
        .isEqualTo("video-query-gateway; fwd=stale; detail=stale-if-error");
    assertThat(header(stale, "Age")).isEqualTo("10");
    assertThat(header(stale, "Cache-Control")).isEqualTo("private, no-cache");
    assertThat(lost.statusCode()).isEqualTo(502);
    assertThat(lost.body()).asString().contains("\"code\":\"upstream-error\"");
    assertThat(header(back, "Cache-Status")).isEqualTo("video-query-gateway; fwd=stale; stored");
    assertThat(found.statusCode()).isEqualTo(200);
  }

  @Test
  void unknownTask_isNotFound_andRememberedForTwoSeconds() throws Exception {
    String id = "veo3:1770350082-unknown" + NEXT.incrementAndGet();

    HttpResponse<byte[]> first = gateway.get("id=" + id);
    HttpResponse<byte[]> second = gateway.get("id=" + id);
    gateway.time.advance(Duration.ofSeconds(2));
    gateway.get("id=" + id);

    assertThat(first.statusCode()).isEqualTo(404);
    assertThat(header(first, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(first.body()).asString().contains("\"code\":\"task-not-found\"");
    assertThat(header(second, "Cache-Status")).contains("hit");
    assertThat(gateway.provider.calls(id)).isEqualTo(2);
  }

  @Test
  void metrics_countHitsAndMissesExactly_underOneLabelSet() throws Exception {
    String[] asks = {"uri=\"/v1/video/query\"", "status=\"200\"", "method=\"GET\""};
    try (GatewayFixture counted = GatewayFixture.start()) {
      counted.provider.answer(
          "veo3:a", Behaviour.json(new String(EXAMPLE, StandardCharsets.UTF_8)));

      for (int i = 0; i < 50; i++) {
        assertThat(counted.get("id=veo3:a").statusCode()).isEqualTo(200);
      }

      // An exchange is counted when it is over, which may be after its answer has arrived.
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(counted.metric("http_server_requests_seconds_count", asks))
                      .isEqualTo(50));
      assertThat(counted.metric("gateway_queries_seconds_count", "result=\"miss\"")).isEqualTo(1);
      assertThat(counted.metric("gateway_queries_seconds_count", "result=\"hit\"")).isEqualTo(49);
      assertThat(
              counted
                  .prometheus()
                  .lines()
                  .filter(line -> line.startsWith("http_server_requests_seconds_count"))
                  .filter(line -> line.contains(asks[0])))
          .hasSize(1);
    }
  }

  @Test
  void prometheus_isNotOnThePublicPort_andNoIdIsATag() throws Exception {
    gateway.get("id=veo3:very-secret-task");

    URI publicly = URI.create("http://127.0.0.1:" + gateway.port() + "/actuator/prometheus");
    assertThat(gateway.send("GET", publicly).statusCode()).isEqualTo(404);
    assertThat(gateway.prometheus())
        .contains("gateway_queries_seconds_count")
        .doesNotContain("very-secret-task");
  }

  @Test
  void scrape_isCompressed_whereThatIsAskedFor() throws Exception {
    URI metrics =
        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus");

    HttpResponse<byte[]> answer = gateway.send("GET", metrics, "Accept-Encoding", "gzip");

    assertThat(header(answer, "Content-Encoding")).isEqualTo("gzip");
    try (var text = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
          .contains("gateway_queries_seconds_count");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', Missing parameters: id.", "?id=a%20b, visible ASCII", "?id=, The id is empty."})
  void tasksEndpoint_saysWhatIsWrongWithAParameter(String query, String detail) throws Exception {
    URI tasks =
        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/tasks" + query);

    HttpResponse<byte[]> answer = gateway.send("GET", tasks);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .asString()
        .contains("\"code\":\"bad-request\"", detail)
        .doesNotContain("..");
  }

  /** A proxy took the prefix off, and says so. */
  @Test
  void type_leadsToThePage_behindAProxyThatTakesAPrefixOff() throws Exception {
    try (GatewayFixture behind = GatewayFixture.start("gateway.access.trusted-proxies=127.0.0.1")) {
      for (String path : List.of("/v1/video/query", "/v1/video/query?id=missing", "/nothing")) {
        HttpResponse<byte[]> answer =
            behind.send("GET", behind.query("").resolve(path), "X-Forwarded-Prefix", "/videos/");

        assertThat(answer.body()).asString().startsWith("{\"type\":\"/videos/problems/");
      }
    }
    assertThat(gateway.get("id=", "X-Forwarded-Prefix", "/videos").body())
        .asString()
        .startsWith("{\"type\":\"/problems/");
  }

  @Test
  void openapi_isServed() throws Exception {
    HttpResponse<byte[]> answer =
        gateway.send("GET", URI.create("http://127.0.0.1:" + gateway.port() + "/openapi.yaml"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .asString()
        .startsWith("openapi: 3.")
        .as("no key is needed in mode none")
        .contains("        - gatewayKey: []\n        - {}\n");
    assertThat(header(answer, "Content-Type")).startsWith("application/yaml");
  }

  /** Holds back the answers about a task until the future is completed. */
  private static CompletableFuture<Void> answeredOnRelease(String id) {
    CompletableFuture<Void> release = new CompletableFuture<>();
    Behaviour queued = Behaviour.json("{\"status\":\"queued\"}");
    gateway.provider.answer(
        id,
        connection -> {
          // said at once, so that the gateway does not take the connection for a dead one
          Behaviour.raw("HTTP/1.1 102 Processing\r\n\r\n").answer(connection);
          var _ = release.thenRun(() -> queued.answer(connection));
        });
    return release;
  }

  private static String finishedTask() {
    String id = "veo3:finished-" + NEXT.incrementAndGet();
    gateway.provider.answer(id, Behaviour.json(new String(EXAMPLE, StandardCharsets.UTF_8)));
    return id;
  }

  private static Call callFor(String id) {
    return gateway.provider.calls().stream()
        .filter(call -> call.target().contains(id.replace(":", "%3A")))
        .findFirst()
        .orElseThrow();
  }

  private static String status(HttpResponse<byte[]> answer) {
    Matcher status =
        Pattern.compile("\"status\":\\s*\"(\\w+)\"")
            .matcher(new String(answer.body(), StandardCharsets.UTF_8));
    assertThat(status.find()).isTrue();
    return status.group(1);
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static byte[] example() {
    try (InputStream in = MainJobTest.class.getResourceAsStream("/provider/completed.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
