package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that wait for news: {@code wait=N} and {@code Prefer: wait=N}, on a fast schedule. */
class WaitTest {
  private static final long INTERVAL_MILLIS = 200;
  private static final Behaviour QUEUED = Behaviour.json("{\"id\":\"a\",\"status\":\"queued\"}");
  private static final Behaviour DRAWING = Behaviour.json("{\"id\":\"a\",\"status\":\"drawing\"}");
  private static final Behaviour FINISHED =
      Behaviour.json("{\"id\":\"a\",\"status\":\"completed\",\"video_url\":\"https://a/b.mp4\"}");
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway =
        GatewayFixture.startInRealTime(
            "gateway.cache.unfinished-ttl=" + INTERVAL_MILLIS + "ms",
            "gateway.wait.max=10s",
            "gateway.wait.max-waiters=200",
            "server.jetty.connection-idle-timeout=600ms");
  }

  @AfterAll
  static void stop() {
    gateway.close();
    callers.close();
  }

  /** A waiter leaves its place just after its answer was sent. */
  @BeforeEach
  void nobodyWaits() {
    awaitWaiters(0);
  }

  @Test
  void finishedTask_reachesAllItsWaiters_withinAnInterval() throws Exception {
    String id = task(QUEUED);
    List<Future<Long>> answered = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answered.add(
          callers.submit(
              () -> {
                HttpResponse<byte[]> answer = gateway.get("id=" + id + "&wait=10");
                assertThat(text(answer)).contains("completed");
                return System.nanoTime();
              }));
    }
    awaitWaiters(50);

    gateway.provider.answer(id, FINISHED);
    long finished = System.nanoTime();

    // a tenth more for the jitter, and what 50 clients on a busy machine take
    Duration bound = Duration.ofMillis(INTERVAL_MILLIS * 11 / 10 + 50 + 250);
    for (Future<Long> answer : answered) {
      assertThat(answer.get(10, TimeUnit.SECONDS) - finished).isLessThan(bound.toNanos());
    }
    awaitWaiters(0);
  }

  @Test
  void wait_endsWithAChange_whenTheCallerSaysWhatItHas() throws Exception {
    String id = task(QUEUED);
    String tag = gateway.get("id=" + id).headers().firstValue("ETag").orElseThrow();
    Future<HttpResponse<byte[]>> waiting =
        callers.submit(() -> gateway.get("id=" + id + "&wait=5", "If-None-Match", tag));
    awaitWaiters(1);

    gateway.provider.answer(id, DRAWING);

    HttpResponse<byte[]> answer = waiting.get(10, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(text(answer)).contains("drawing");
    assertThat(answer.headers().firstValue("ETag").orElseThrow()).isNotEqualTo(tag);
  }

  @Test
  void wait_endsWithWhatIsKnown_afterItsTime_evenOnAnIdleConnection() throws Exception {
    String id = task(QUEUED);
    String tag = gateway.get("id=" + id).headers().firstValue("ETag").orElseThrow();
    long start = System.nanoTime();

    HttpResponse<byte[]> answer = gateway.get("id=" + id + "&wait=1");
    HttpResponse<byte[]> same = gateway.get("id=" + id + "&wait=1", "If-None-Match", tag);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(seconds(2), seconds(4));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(text(answer)).contains("queued");
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(same.statusCode()).isEqualTo(304);
  }

  @Test
  void wait_isCutToItsBound_andTellsSo() throws Exception {
    String id = task(QUEUED);
    Future<HttpResponse<byte[]>> waiting =
        callers.submit(() -> gateway.get("id=" + id, "Prefer", "respond-async, wait=3600"));
    awaitWaiters(1);
    gateway.provider.answer(id, FINISHED);

    assertThat(waiting.get(10, TimeUnit.SECONDS).headers().firstValue("Preference-Applied"))
        .contains("wait=10");
  }

  @ParameterizedTest
  @CsvSource({
    "wait=-1,400",
    "wait=1.5,400",
    "wait=soon,400",
    "wait=1&wait=1,400",
    "wait=,200",
    "wait=0,200"
  })
  void wait_isWholeSeconds_orRefused(String parameter, int status) throws Exception {
    String id = task(QUEUED);

    HttpResponse<byte[]> answer = gateway.get("id=" + id + "&" + parameter);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(status == 200 || text(answer).contains("invalid-wait")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"wait", "wait=soon", "wait=-1", "'wait=\"x'", "xwait=5"})
  void preference_isIgnored_whenItCannotBeRead(String preference) throws Exception {
    HttpResponse<byte[]> answer = gateway.get("id=" + task(QUEUED), "Prefer", preference);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Preference-Applied")).isEmpty();
  }

  @Test
  void head_neverWaits() throws Exception {
    long start = System.nanoTime();

    gateway.send("HEAD", gateway.query("id=" + task(QUEUED) + "&wait=5"));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(seconds(4));
  }

  @Test
  void wait_endsInTime_thoughTheProviderIsSlow() throws Exception {
    String id = task(QUEUED);
    gateway.provider.answerInTurn(id, QUEUED, Behaviour.hang());
    long start = System.nanoTime();

    HttpResponse<byte[]> answer = gateway.get("id=" + id + "&wait=1");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(seconds(1), seconds(3));
    assertThat(text(answer)).contains("queued");
  }

  @Test
  void waiters_doNotPressAProviderThatFails() throws Exception {
    String id = task(QUEUED);
    gateway.get("id=" + id); // else the first call could be answered 429
    List<Future<HttpResponse<byte[]>>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(callers.submit(() -> gateway.get("id=" + id + "&wait=5")));
    }
    awaitWaiters(20);
    gateway.provider.answer(id, Behaviour.error(429, "slow down", "x", ""));
    int before = gateway.provider.calls(id);

    for (Future<HttpResponse<byte[]>> answer : waiting) {
      assertThat(text(answer.get(10, TimeUnit.SECONDS))).contains("queued");
    }
    assertThat(gateway.provider.calls(id) - before).isLessThanOrEqualTo(2);
  }

  @Test
  void waits_doNotCountAsAsks() throws Exception {
    String id = task(QUEUED);
    double before = gateway.metric("gateway_queries_seconds_sum", "mode=\"ask\"");

    gateway.get("id=" + id + "&wait=1");

    Awaitility.await()
        .until(() -> gateway.metric("gateway_queries_seconds_sum", "mode=\"wait\"") >= 1);
    assertThat(gateway.metric("gateway_queries_seconds_sum", "mode=\"ask\"") - before)
        .isLessThan(1);
  }

  private static void awaitWaiters(int count) {
    Awaitility.await()
        .atMost(seconds(10))
        .until(() -> gateway.metric("gateway_waiters", "kind=\"wait\"") == count);
  }

  private static String task(Behaviour behaviour) {
    String id = "waited:task" + NEXT.incrementAndGet();
    gateway.provider.answer(id, behaviour);
    return id;
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
