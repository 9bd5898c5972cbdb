package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attacks, each with the answer it got. None reaches the provider, none gets a task. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AttacksTest {
  private static final String FINISHED = "/v1/video/query?id=veo3:1770350082-finished01";
  private static final String AUTHORIZED = "Authorization: Bearer key-a";

  @TempDir static Path folder;
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: a, keys: [\"%s\"], rate: {per-second: 100000, burst: 100000}}]"
                .formatted(GatewayFixture.hash("key-a")));
    gateway =
        GatewayFixture.startInRealTime(
            "gateway.access.mode=api-key", "gateway.access.clients-file=" + clients);
    gateway.get("id=veo3:1770350082-finished01", "Authorization", "Bearer key-a");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /**
   * The request line and header fields, {@code |} for CR LF; {@code {A}} for a right key. Statuses
   * are those of all answers that come back.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "length and chunked,        GET {F} HTTP/1.1|Host: a|Content-Length: 5|Transfer-Encoding:"
            + " chunked||0||GET /x HTTP/1.1|Host: a||, 400",
        "two lengths,               GET {F} HTTP/1.1|Host: a|Content-Length: 0|Content-Length:"
            + " 40||GET /x HTTP/1.1|Host: a||, 400",
        "list of lengths,           `GET {F} HTTP/1.1|Host: a|Content-Length: 0, 40||GET /x"
            + " HTTP/1.1|Host: a||`, 400",
        "signed length,             GET {F} HTTP/1.1|Host: a|Content-Length: +5||hello, 400",
        "negative length,           GET {F} HTTP/1.1|Host: a|Content-Length: -1||, 400",
        "unknown transfer coding,   GET {F} HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||, 400",
        "chunked not last,          `GET {F} HTTP/1.1|Host: a|Transfer-Encoding: chunked,"
            + " identity||0||`, 400",
        "bad chunk size,            GET {F} HTTP/1.1|Host: a|{A}|Transfer-Encoding: chunked||zz||,"
            + " 400",
        "chunked in HTTP/1.0,       GET {F} HTTP/1.0|Transfer-Encoding: chunked||0||GET /x"
            + " HTTP/1.1|Host: a||, 400 401",
        "obs-fold,                  GET {F} HTTP/1.1|Host: a|X-A: b| Authorization: Bearer key-a||,"
            + " 400 401",
        "bare CR in a field,        GET {F} HTTP/1.1|Host: a|X-A: b{CR}Authorization: Bearer"
            + " key-a||, 400",
        "bare LF between fields,    GET {F} HTTP/1.1{LF}Host: a{LF}X-A: b{LF}{LF}, 400 401",
        "space before the colon,    GET {F} HTTP/1.1|Host: a|Authorization : Bearer key-a||, 400",
        "NUL in a field,            GET {F} HTTP/1.1|Host: a|X-A: b{NUL}c||, 400",
        "NUL in the target,         GET /v1/video/query{NUL} HTTP/1.1|Host: a||, 400",
        "encoded NUL in the path,   GET /v1/video/query%00?id=a HTTP/1.1|Host: a||, 400",
        "absolute form,             GET http://b{F} HTTP/1.1|Host: a||, 400 401",
        "absolute form elsewhere,   GET http://169.254.169.254/latest/meta-data HTTP/1.1|Host: a||,"
            + " 400 404",
        "another scheme,            GET file:///etc/passwd HTTP/1.1|Host: a||, 400 404",
        "escaped letter,            GET /v1/vide%6F/query?id=a HTTP/1.1|Host: a||, 400",
        "double slash,              GET //v1/video/query?id=a HTTP/1.1|Host: a||, 401",
        "encoded dots,              GET /x/%2e%2e/v1/video/query?id=a HTTP/1.1|Host: a||, 400",
        "plain dots,                GET /x/../v1/video/query?id=a HTTP/1.1|Host: a||, 400",
        "dots above the root,       GET /../../etc/passwd HTTP/1.1|Host: a||, 400",
        "encoded slash,             GET /v1%2fvideo%2fquery?id=a HTTP/1.1|Host: a||, 400",
        "double encoding,           GET /v1/video/%2571uery?id=a HTTP/1.1|Host: a||, 400 404",
        "backslash,                 GET /v1\\video\\query?id=a HTTP/1.1|Host: a||, 400 404",
        "path parameter,            GET /v1/video/query;x=1?id=a HTTP/1.1|Host: a||, 400",
        "path parameter inside,     GET /v1;x/video/query?id=a HTTP/1.1|Host: a||, 400",
        "HTTP/0.9,                  GET {F}|, 400",
        "HTTP/2 preface,            PRI * HTTP/2.0||SM||, 400 426 505",
        "CONNECT,                   CONNECT a:443 HTTP/1.1|Host: a:443||, 400 405",
        "TRACE,                     TRACE {F} HTTP/1.1|Host: a|{A}||, 405",
        "asterisk,                  OPTIONS * HTTP/1.1|Host: a||, 400 401 404 405",
        "upgrade to h2c,            GET {F} HTTP/1.1|Host: a|Upgrade: h2c|Connection: Upgrade||,"
            + " 401",
        "websocket,                 GET {F} HTTP/1.1|Host: a|Upgrade: websocket|Connection:"
            + " Upgrade||, 401",
        "method override,           POST {F} HTTP/1.1|Host: a|{A}|X-HTTP-Method-Override:"
            + " GET|Content-Length: 0||, 405",
        "URL override,              GET /x HTTP/1.1|Host: a|X-Original-URL: /v1/video/query?id=a||,"
            + " 404",
        "key in the query,          GET {F}&key=key-a&api_key=key-a&access_token=key-a"
            + " HTTP/1.1|Host: a||, 401",
        "two credentials,           GET {F} HTTP/1.1|Host: a|Authorization: Bearer wrong|{A}||,"
            + " 401",
        "spoofed address,           GET {F} HTTP/1.1|Host: a|X-Forwarded-For: 127.0.0.1||, 401",
        "management on this port,   GET /actuator/health HTTP/1.1|Host: a||, 404",
        "traversal into the jar,    GET /..%2f..%2fapplication.yaml HTTP/1.1|Host: a||, 400",
        "CR LF in the id,           GET /v1/video/query?id=a%0d%0aX-Evil:%201 HTTP/1.1|Host:"
            + " a|{A}||, 400",
      })
  void attack_isRefusedOrHarmless(String name, String request, String statuses) throws Exception {
    int calls = gateway.provider.calls().size();

    String answers =
        RawHttp.exchange(
            gateway.port(),
            request
                .replace("|", "\r\n")
                .replace("{F}", FINISHED)
                .replace("{A}", AUTHORIZED)
                .replace("{CR}", "\r")
                .replace("{LF}", "\n")
                .replace("{NUL}", "\0"));

    List<String> seen =
        answers
            .lines()
            .filter(line -> line.startsWith("HTTP/1.1 "))
            .map(line -> line.substring(9, 12))
            .toList();
    assertThat(seen).as(answers).hasSize(1);
    assertThat(statuses.split(" ")).contains(seen.getFirst());
    assertThat(answers)
        .doesNotContain("X-Evil", "video_url", "key-a", "Jetty", "Exception", "<html")
        .doesNotContain("Server:");
    assertThat(gateway.provider.calls()).hasSize(calls);
  }

  @Test
  @Order(Integer.MAX_VALUE) // leaves this address no failed attempts for a while
  void hundredThousandBadKeysAMinute_leaveAGoodCallerServed() throws Exception {
    long start = System.nanoTime();
    int attacks =
        underAttack(
            () ->
                exchangePipelined(
                    "GET " + FINISHED + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer bad\r\n\r\n",
                    200),
            20);
    double minutes = (System.nanoTime() - start) / 60e9;
    assertThat(200 * attacks / minutes).isGreaterThan(100_000);
    assertThat(gateway.metric("gateway_client_requests_total", "outcome=\"rate_limited\""))
        .isGreaterThan(1000);
  }

  @Test
  void flood_ofPipelinedHits_leavesAGoodCallerServed() throws Exception {
    underAttack(
        () ->
            exchangePipelined(
                "GET " + FINISHED + " HTTP/1.1\r\nHost: a\r\n" + AUTHORIZED + "\r\n\r\n", 5000),
        0);
  }

  @Test
  void slowLoris_leavesAGoodCallerServed() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 1500; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        socket
            .getOutputStream()
            .write(("GET " + FINISHED + " HTTP/1.1\r\nX-A: ").getBytes(StandardCharsets.US_ASCII));
        slow.add(socket);
        var body = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        body.getOutputStream()
            .write(
                ("GET " + FINISHED + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx")
                    .getBytes(StandardCharsets.US_ASCII));
        slow.add(body);
      }
      assertServed(200);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void hugeHeaders_leaveAGoodCallerServed() throws Exception {
    underAttack(
        () -> {
          String answer =
              RawHttp.exchange(
                  gateway.port(),
                  "GET / HTTP/1.1\r\nHost: a\r\nX-A: " + "a".repeat(1_000_000) + "\r\n\r\n");
          assertThat(answer).matches("(?s)(HTTP/1.1 431 .*)?"); // or reset, being still sent
        },
        10);
  }

  @FunctionalInterface
  private interface Attack {
    void run() throws Exception;
  }

  private static int underAttack(Attack attack, long pauseMillis) throws Exception {
    var attacks = new AtomicInteger();
    try (var attackers = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory())) {
      Future<?> attacker =
          attackers.scheduleWithFixedDelay(
              () -> {
                run(attack);
                attacks.incrementAndGet();
              },
              0,
              Math.max(1, TimeUnit.MILLISECONDS.toMicros(pauseMillis)),
              TimeUnit.MICROSECONDS);
      for (int second = 0; second < 5; second++) {
        assertServed(20);
        Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
      }
      if (!attacker.cancel(false)) {
        attacker.get(); // an attack failed
      }
    }
    assertThat(attacks).hasValueGreaterThan(4);
    return attacks.get();
  }

  private static void run(Attack attack) {
    try {
      attack.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertServed(int requests) throws Exception {
    for (int i = 0; i < requests; i++) {
      long start = System.nanoTime();
      HttpResponse<byte[]> answer =
          gateway.get("id=veo3:1770350082-finished01", "Authorization", "Bearer key-a");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(2));
    }
  }

  /** Sends so many at once, and reads all answers. */
  private static void exchangePipelined(String request, int count) throws IOException {
    RawHttp.exchange(
        gateway.port(),
        request.repeat(count) + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }
}
