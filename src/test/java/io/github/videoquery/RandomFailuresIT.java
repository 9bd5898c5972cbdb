package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.Faults;
import io.github.videoquery.support.GatewayFixture;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Half a minute of load while half of the provider's answers fail: finished tasks never do, the
 * rest is right or a problem.
 */
class RandomFailuresIT {
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final int CALLERS = 20;
  private static final int TASKS = 50;
  private static final List<String> DOCUMENTED =
      List.of(
          "upstream-error",
          "upstream-invalid-response",
          "upstream-rate-limited",
          "upstream-overloaded",
          "upstream-timeout");
  private static final List<String> FAULTS =
      List.of(
          "reset",
          "server-error",
          "html-502",
          "cut",
          "truncated-json",
          "rate-limited",
          "overloaded",
          "hang",
          "empty");

  private final long linksEnd = Instant.now().getEpochSecond() + 302;

  @Test
  void halfOfTheCallsFail_andEveryAnswerIsRightOrAProblem() throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.response-timeout=500ms", "gateway.upstream.call-timeout=1s")) {
      gateway.provider.answer("first", Behaviour.json("{\"status\":\"queued\"}"));
      await().until(() -> gateway.get("id=first").statusCode() == 200); // the first call is slow
      for (int i = 0; i < TASKS; i++) {
        int task = i;
        gateway.provider.answer("finished-" + i, Behaviour.json(finished(task)));
        assertThat(gateway.get("id=finished-" + i).statusCode()).isEqualTo(200);
        gateway.provider.answer("finished-" + i, halfFailing(finished(task)));
        gateway.provider.answer(
            "unfinished-" + i, halfFailing("{\"status\":\"queued\",\"task\":" + task + "}"));
      }

      Map<Integer, Integer> statuses = new TreeMap<>();
      Instant end = Instant.now().plus(LENGTH);
      try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
        List<Future<Map<Integer, Integer>>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          callers.add(threads.submit(() -> askUntil(end, gateway)));
        }
        for (Future<Map<Integer, Integer>> caller : callers) {
          caller
              .get(120, TimeUnit.SECONDS)
              .forEach((status, count) -> statuses.merge(status, count, Integer::sum));
        }
      }

      System.out.println("answers by status: " + statuses);
      assertThat(statuses.get(200)).isGreaterThan(1_000);
      assertThat(statuses.keySet()).isSubsetOf(200, 502, 503, 504);
    }
  }

  private Map<Integer, Integer> askUntil(Instant end, GatewayFixture gateway) throws Exception {
    Map<Integer, Integer> statuses = new TreeMap<>();
    var random = ThreadLocalRandom.current();
    while (Instant.now().isBefore(end)) {
      int task = random.nextInt(TASKS);
      boolean finished = random.nextBoolean();
      HttpResponse<byte[]> answer =
          gateway.get("id=" + (finished ? "finished-" : "unfinished-") + task);
      String body = new String(answer.body(), StandardCharsets.UTF_8);
      statuses.merge(answer.statusCode(), 1, Integer::sum);
      if (finished) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(body).isEqualTo(finished(task));
      } else if (answer.statusCode() == 200) {
        assertThat(body).isEqualTo("{\"status\":\"queued\",\"task\":" + task + "}");
      } else {
        assertThat(answer.headers().firstValue("Content-Type"))
            .contains("application/problem+json");
        assertThat(DOCUMENTED).anyMatch(code -> body.contains("\"code\":\"" + code + "\""));
      }
    }
    return statuses;
  }

  private static Behaviour halfFailing(String body) {
    Behaviour whole = Behaviour.json(body);
    return connection -> {
      var random = ThreadLocalRandom.current();
      Behaviour behaviour =
          random.nextBoolean() ? whole : Faults.named(FAULTS.get(random.nextInt(FAULTS.size())));
      behaviour.answer(connection);
    };
  }

  /**
   * Its link ends so soon that the answer is fresh for two seconds only, and stands in for five
   * minutes.
   */
  private String finished(int task) {
    return "{\"status\":\"completed\",\"video_url\":\"https://example.com/%d.mp4?e=%d\"}"
        .formatted(task, linksEnd);
  }
}
