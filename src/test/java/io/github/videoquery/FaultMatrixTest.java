package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.Faults;
import io.github.videoquery.support.GatewayFixture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Each way the provider can fail is answered as the error table says; nothing is kept, and the next
 * call is unaffected.
 */
@ExtendWith(OutputCaptureExtension.class)
class FaultMatrixTest {
  private static final String[] IMPATIENT = {
    "gateway.upstream.connect-timeout=500ms",
    "gateway.upstream.response-timeout=1s",
    "gateway.upstream.call-timeout=2500ms"
  };
  private static final Set<String> TRIED = new TreeSet<>();

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.start(IMPATIENT);
    gateway.provider.answer("healthy", Behaviour.json("{\"status\":\"queued\"}"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
    assertThat(TRIED).isEqualTo(new TreeSet<>(Faults.BY_NAME.keySet()));
  }

  @ParameterizedTest
  @CsvSource({
    "rejected-key, 502, upstream-rejected-credentials, 401",
    "forbidden, 502, upstream-rejected-credentials, 403",
    "no-such-task, 404, task-not-found,",
    "no-such-task-404, 404, task-not-found,",
    "nothing-known, 404, task-not-found,",
    "bad-request, 502, upstream-error, 400",
    "rate-limited, 503, upstream-rate-limited, 429",
    "rate-limited-empty, 503, upstream-rate-limited, 429",
    "rate-limited-for-7s, 503, upstream-rate-limited, 429",
    "out-of-quota, 502, upstream-quota-exhausted, 429",
    "out-of-quota-403, 502, upstream-quota-exhausted, 403",
    "overloaded, 503, upstream-overloaded, 503",
    "server-error, 502, upstream-error, 500",
    "error-under-200, 502, upstream-error, 200",
    "html, 502, upstream-invalid-response, 200",
    "html-502, 502, upstream-error, 502",
    "empty, 502, upstream-invalid-response, 200",
    "not-json, 502, upstream-invalid-response, 200",
    "truncated-json, 502, upstream-invalid-response, 200",
    "array, 502, upstream-invalid-response, 200",
    "deep, 502, upstream-invalid-response, 200",
    "too-large, 502, upstream-invalid-response, 200",
    "drip, 504, upstream-timeout,",
    "slow, 504, upstream-timeout,",
    "hang, 504, upstream-timeout,",
    "reset, 502, upstream-error,",
    "reset-after-headers, 502, upstream-invalid-response, 200",
    "cut, 502, upstream-invalid-response, 200",
    "cut-without-length, 502, upstream-invalid-response, 200",
    "huge-head, 502, upstream-invalid-response,",
    "two-lengths, 502, upstream-invalid-response,",
    "status-1000, 502, upstream-invalid-response,",
    "another-task, 502, upstream-invalid-response, 200",
    "refused-by-code, 502, upstream-rejected-credentials, 200",
    "refused-by-flag, 502, upstream-error, 200",
    "message-alone, 502, upstream-error, 200",
    "payment-required, 502, upstream-quota-exhausted, 402",
    "gone, 404, task-not-found,",
    "router-404, 502, upstream-invalid-response, 404",
    "moved, 502, upstream-error, 301",
    "forbidden-task, 502, upstream-error, 403",
    "challenge, 502, upstream-invalid-response, 403",
  })
  void fault_isAnswered_asTabled(String fault, int status, String code, Integer upstreamStatus)
      throws Exception {
    TRIED.add(fault);

    HttpResponse<byte[]> answer = gateway.get("id=sim:" + fault);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body())
        .asString()
        .contains("\"code\":\"" + code + "\"")
        .doesNotContain("sk-a");
    if (upstreamStatus != null) {
      assertThat(answer.body()).asString().contains("\"upstreamStatus\":" + upstreamStatus);
    }
    assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 503);
    assertNothingIsKept(fault, status);
    assertTheNextCallIsUnaffected();
  }

  private static void assertNothingIsKept(String fault, int status) throws Exception {
    gateway.time.advance(Duration.ofSeconds(2));
    gateway.provider.answer("sim:" + fault, Behaviour.json("{\"status\":\"queued\"}"));
    HttpResponse<byte[]> again = gateway.get("id=sim:" + fault);
    assertThat(again.statusCode()).as("after %s, %d", fault, status).isEqualTo(200);
    assertThat(again.headers().firstValue("Cache-Status").orElse("")).contains("fwd=uri-miss");
  }

  private static void assertTheNextCallIsUnaffected() throws Exception {
    gateway.time.advance(Duration.ofMinutes(2));
    assertThat(gateway.get("id=healthy").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "large, 6291456",
    "gzip, 0",
    "early-hints, 0",
    "stray-answer, 0",
    "stray-head, 0",
    "dies-after-answer, 0",
    "big-head, 0"
  })
  void unusualButWholeAnswer_isPassedOn(String name, int atLeast) throws Exception {
    TRIED.add(name);

    HttpResponse<byte[]> answer = gateway.get("id=sim:" + name);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body().length).isGreaterThan(atLeast);
    assertThat(answer.body()).asString().endsWith("\"status_update_time\":1770350329098}");
    assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "link-elsewhere, finished",
    "another-envelope, finished",
    "another-word, finished",
    "raw-line-feed, finished",
    "not-a-number, finished",
    "gbk, finished",
    "never-a-link, unfinished"
  })
  void anotherHostsWay_isUnderstood(String name, String state) throws Exception {
    TRIED.add(name);

    HttpResponse<byte[]> answer = gateway.get("id=sim:" + name);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Retry-After").isPresent())
        .isEqualTo(state.equals("unfinished"));
  }

  @Test
  void retryAfter_isTheProviders_upTo30Seconds() throws Exception {
    gateway.provider.answer("later", Behaviour.respond(429, "", "", "Retry-After: 7"));
    gateway.provider.answer("muchLater", Behaviour.respond(503, "", "", "Retry-After: 3600"));

    assertThat(gateway.get("id=later").headers().firstValue("Retry-After")).contains("7");
    assertThat(gateway.get("id=muchLater").headers().firstValue("Retry-After")).contains("30");
  }

  @Test
  void absurdRetryAfter_isHarmless() throws Exception {
    gateway.provider.answerInTurn(
        "absurd",
        Behaviour.json("{\"status\":\"queued\"}"),
        Behaviour.respond(429, "", "", "Retry-After: 9999999999"));
    gateway.time.advance(Duration.ofMinutes(1));
    gateway.get("id=absurd");
    gateway.time.advance(Duration.ofSeconds(5));

    HttpResponse<byte[]> stale = gateway.get("id=absurd");
    gateway.time.advance(Duration.ofSeconds(30));

    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(stale.headers().firstValue("Retry-After")).contains("30");
  }

  @Test
  void absurdTimesOfATask_areHarmless() throws Exception {
    gateway.provider.answer(
        "times",
        Behaviour.json(
            "{\"status\":\"completed\",\"video_url\":\"https://v/a\",\"created_at\":1,\"completed_at\":99999999999}"));

    assertThat(gateway.get("id=times").statusCode()).isEqualTo(200);
  }

  @Test
  void connection_thatBreaksBeforeAnyByte_isRetriedOnce() throws Exception {
    gateway.provider.answerInTurn(
        "once", Behaviour.reset(), Behaviour.json("{\"status\":\"queued\"}"));

    assertThat(gateway.get("id=once").statusCode()).isEqualTo(200);

    assertThat(gateway.provider.calls("once")).isEqualTo(2);
  }

  @Test
  void knownTask_isLeftAlone_whileTheProviderAsksForIt() throws Exception {
    gateway.provider.answerInTurn(
        "held",
        Behaviour.json("{\"status\":\"queued\"}"),
        Behaviour.respond(429, "", "", "Retry-After: 20"),
        Behaviour.json("{\"status\":\"processing\"}"));
    gateway.get("id=held");
    gateway.time.advance(Duration.ofSeconds(5));

    HttpResponse<byte[]> stale = gateway.get("id=held");
    HttpResponse<byte[]> held = gateway.get("id=held");
    HttpResponse<byte[]> first = gateway.get("id=healthy-and-new");
    gateway.time.advance(Duration.ofSeconds(20));
    HttpResponse<byte[]> after = gateway.get("id=held");

    assertThat(stale.headers().firstValue("Cache-Status").orElse("")).contains("stale-if-error");
    assertThat(stale.headers().firstValue("Retry-After")).contains("20");
    assertThat(held.headers().firstValue("Cache-Status").orElse("")).contains("stale-if-error");
    assertThat(first.statusCode()).isEqualTo(404);
    assertThat(after.body()).asString().contains("processing");
    assertThat(gateway.provider.calls("held")).isEqualTo(3);
  }

  @Test
  void brokenAnswers_areNoNewsOfALibrarys(CapturedOutput output) throws Exception {
    String[] broken = {
      "reset", "reset-after-headers", "cut", "two-lengths", "stray-answer", "drip"
    };
    try (GatewayFixture bursting = GatewayFixture.start(IMPATIENT);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String id = "burst-" + i;
        bursting.provider.answer(id, Faults.named(broken[i % broken.length]));
        answers.add(callers.submit(() -> bursting.get("id=" + id).statusCode()));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).isIn(200, 502, 504);
      }
    }
    assertThat(output.getAll()).doesNotContain("reactor.").doesNotContain(" ERROR ");
  }

  @Test
  void nobodyListens_isAnswered502() throws Exception {
    // bound for the whole test, so that nothing else can listen there
    try (var bound = new Socket()) {
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (GatewayFixture lonely =
          GatewayFixture.start(
              "gateway.upstream.base-url=http://127.0.0.1:" + bound.getLocalPort())) {
        HttpResponse<byte[]> answer = lonely.get("id=a");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).asString().contains("\"code\":\"upstream-error\"");
      }
    }
  }

  @Test
  void connectingTakesTooLong_isAnswered504() throws Exception {
    List<Socket> fillers = new ArrayList<>();
    try (var neverAccepts = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 4; i++) {
        Socket filler = new Socket();
        fillers.add(filler);
        try {
          filler.connect(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), neverAccepts.getLocalPort()),
              200);
        } catch (SocketTimeoutException full) {
          break;
        }
      }
      try (GatewayFixture waiting =
          GatewayFixture.start(
              "gateway.upstream.connect-timeout=500ms",
              "gateway.upstream.base-url=http://127.0.0.1:" + neverAccepts.getLocalPort())) {
        HttpResponse<byte[]> answer = waiting.get("id=a");

        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).asString().contains("\"code\":\"upstream-timeout\"");
      }
    } finally {
      for (Socket filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void idleConnection_isClosedInTheBackground() throws Exception {
    try (GatewayFixture idle = GatewayFixture.start("gateway.upstream.max-idle-time=500ms")) {
      idle.provider.answer("a", Behaviour.json("{\"status\":\"queued\"}"));
      assertThat(idle.get("id=a").statusCode()).isEqualTo(200);
      String address = "remote_address=\"127.0.0.1:" + idle.provider.port() + "\"";
      assertThat(idle.metric("reactor_netty_connection_provider_max_connections", address))
          .isEqualTo(256);

      Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .until(
              () ->
                  idle.metric("reactor_netty_connection_provider_total_connections", address) == 0);
    }
  }

  @Test
  void unknownHost_isAnswered502_andNamedInLogAndMetrics(CapturedOutput output) throws Exception {
    try (GatewayFixture lost =
        GatewayFixture.start("gateway.upstream.base-url=http://no-such-host.invalid")) {
      assertThat(lost.get("id=a").statusCode()).isEqualTo(502);
      assertThat(output).containsOnlyOnce("No address was found for no-such-host.invalid.");
      assertThat(
              lost.metric(
                  "gateway_upstream_requests_seconds_count", "account=\"default\",outcome=\"dns\""))
          .isEqualTo(1);
    }
  }

  @Test
  void callsBeyondTheLimit_areShedAtOnceOrSoon() throws Exception {
    try (GatewayFixture narrow =
        GatewayFixture.start(
            "gateway.upstream.max-concurrent-calls=1", "gateway.upstream.call-timeout=3s")) {
      narrow.provider.answerEverything(Behaviour.hang());
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(
            narrow.client.sendAsync(
                HttpRequest.newBuilder(narrow.query("id=task-" + i)).build(),
                HttpResponse.BodyHandlers.ofByteArray()));
      }
      List<Integer> statuses = new ArrayList<>();
      for (var answer : answers) {
        statuses.add(answer.get(30, TimeUnit.SECONDS).statusCode());
      }

      assertThat(statuses)
          .as(statuses.toString())
          .contains(504)
          .filteredOn(status -> status == 503)
          .hasSize(3);
    }
  }

  @Test
  void providerThatKeepsFailing_isAskedLess_andAgainWhenItRecovers() throws Exception {
    try (GatewayFixture failing = GatewayFixture.start()) {
      failing.provider.answerEverything(Behaviour.error(500, "panic", "", ""));
      for (int i = 0; i < 20; i++) {
        assertThat(failing.get("id=task-" + i).statusCode()).isEqualTo(502);
      }
      int callsWhenOpened = failing.provider.calls().size();

      HttpResponse<byte[]> heldBack = failing.get("id=another");

      assertThat(heldBack.statusCode()).isEqualTo(502);
      assertThat(heldBack.headers().firstValue("Retry-After")).isPresent();
      assertThat(failing.provider.calls()).hasSize(callsWhenOpened);
      assertThat(failing.metric("gateway_upstream_breaker_open")).isEqualTo(1);
      failing.provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
      failing.time.advance(Duration.ofMillis(5001));
      assertThat(failing.get("id=recovered").statusCode()).isEqualTo(200);
    }
  }
}
