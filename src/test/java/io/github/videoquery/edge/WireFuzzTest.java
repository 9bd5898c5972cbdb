package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.ProblemAssertions;
import io.github.videoquery.support.RawHttp;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Hostile bytes from callers and from the provider: never a 500, never a hang, always an answer
 * that the table knows.
 */
class WireFuzzTest {
  private static final String[] PIECES = {
    "id=",
    "id=a",
    "&",
    "=",
    "%",
    "%3A",
    "%zz",
    "%00",
    "%0d%0a",
    "+",
    "model=",
    "model=veo3",
    "\"",
    "<",
    "\u00e4",
    "{}",
    ":",
    "veo3:1770350082-x",
    "?",
    "#",
    ";",
    "wait=",
    "wait=-1",
    "..",
    "/",
    "\\",
    "\t",
    "a".repeat(300),
    "*",
    "|",
    "^",
    "`"
  };
  private static final String[] HEADERS = {
    "Accept: ", "Accept-Encoding: ", "If-None-Match: ", "X-Request-Id: ", "Prefer: ",
        "Content-Type: ", "Cookie: ",
    "Range: ", "Content-Length: ", "Transfer-Encoding: ", "Forwarded: ", "Expect: ", "Upgrade: ",
        "Authorization: "
  };
  private static final String[] VALUES = {
    "",
    "*/*",
    "application/json",
    "gzip",
    "gzip;q=\"",
    "\"",
    "W/\"a\"",
    "\"a",
    "*",
    "q=",
    ";q=1",
    ",,,",
    "a b",
    "\u00ff",
    "text/event-stream",
    "0",
    "-1",
    "chunked",
    "100-continue",
    "wait=5",
    "identity;q=0",
    "x".repeat(500)
  };

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.response-timeout=3s", "gateway.upstream.call-timeout=6s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void hostileRequest_isAnsweredOrRefused() throws Exception {
    gateway.provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
    Random random = new Random(11);
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      requests.add(hostileRequest(random));
    }
    try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (String request : requests) {
        all.add(
            callers.submit(
                () -> {
                  assertAnsweredOrRefused(request);
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static String hostileRequest(Random random) {
    var request = new StringBuilder("GET /v1/video/query?");
    random
        .ints(random.nextInt(1, 6), 0, PIECES.length)
        .forEach(piece -> request.append(PIECES[piece]));
    request.append(" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
    for (int h = random.nextInt(4); h > 0; h--) {
      request
          .append(HEADERS[random.nextInt(HEADERS.length)])
          .append(VALUES[random.nextInt(VALUES.length)])
          .append("\r\n");
    }
    return request.append("\r\n0\r\n\r\n").toString();
  }

  private static void assertAnsweredOrRefused(String request) throws Exception {
    RawHttp answer = RawHttp.send(gateway.port(), request);

    assertThat(answer.status()).as(request).isIn(200, 304, 400, 404, 406, 413, 414, 431);
    if (answer.status() == 200) {
      assertThat(answer.headers()).as(request).containsEntry("content-type", "application/json");
    } else if (answer.status() != 304) {
      ProblemAssertions.assertProblem(answer, answer.status(), null);
    }
  }

  @Test
  void hostileAnswer_isPassedOnWholeOrATabledProblem() throws Exception {
    Random random = new Random(13);
    for (int i = 0; i < 500; i++) {
      String body = "{\"status\":\"queued\",\"n\":" + i + "}";
      String whole =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      byte[] sent = damage(whole, random).getBytes(StandardCharsets.ISO_8859_1);
      gateway.provider.answerEverything(
          connection -> {
            var _ =
                connection
                    .writeAndFlush(Unpooled.wrappedBuffer(sent))
                    .addListener(ChannelFutureListener.CLOSE);
          });

      var answer = gateway.get("id=fuzz-" + i);

      String said = new String(sent, StandardCharsets.ISO_8859_1);
      assertThat(answer.statusCode()).as(said).isIn(200, 404, 502, 503, 504);
      if (answer.statusCode() == 200) {
        assertThat(said).contains(new String(answer.body(), StandardCharsets.ISO_8859_1));
      }
      recover();
    }
  }

  /**
   * A good answer after each bad one keeps the breaker closed, so that the next one is read at all.
   */
  private static void recover() throws Exception {
    gateway.provider.answerEverything(Behaviour.json("{\"status\":\"queued\"}"));
    if (isWell()) {
      return;
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(WireFuzzTest::isWell);
  }

  private static boolean isWell() throws Exception {
    return gateway.get("id=recover-" + System.nanoTime()).statusCode() == 200;
  }

  private static String damage(String whole, Random random) {
    String damaged = whole;
    for (String piece :
        List.of(
            "\r\n",
            "Content-Length: 5\r\n",
            "\u0000",
            "Content-Encoding: gzip\r\n",
            "Transfer-Encoding: chunked\r\n")) {
      if (random.nextInt(4) == 0) {
        int at = random.nextInt(damaged.length());
        damaged = damaged.substring(0, at) + piece + damaged.substring(at);
      }
    }
    int cut = random.nextInt(damaged.length());
    return random.nextInt(3) == 0 ? damaged.substring(0, cut) : damaged;
  }
}
