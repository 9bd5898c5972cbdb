package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.Faults;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.simulation.SimulatedProvider.Call;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.Sse;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Several accounts behind one endpoint: the fixture's provider is account a, another is b. */
@ExtendWith(OutputCaptureExtension.class)
class AccountsTest {
  private static final Behaviour NO_SUCH_TASK = Behaviour.json(400, Faults.noSuchTask());
  private static final Behaviour REJECTED = Behaviour.error(401, "bad token", "", "");
  private static final Behaviour UNFINISHED = Behaviour.json("{\"status\":\"queued\"}");
  private static final Behaviour FINISHED =
      Behaviour.json("{\"status\":\"completed\",\"video_url\":\"https://cdn.example/v.mp4\"}");

  @TempDir Path folder;
  private final SimulatedProvider second = SimulatedProvider.start();
  private Path firstKey = Path.of("");

  @BeforeEach
  void writeKeys() throws Exception {
    firstKey = Files.writeString(folder.resolve("key-a"), "sk-a");
    Files.writeString(folder.resolve("key-b"), "sk-b");
  }

  @AfterEach
  void stopSecond() {
    second.close();
  }

  private String[] accounts(String... more) {
    return Stream.concat(
            Stream.of(
                "gateway.upstream.api-key=",
                "gateway.upstream.accounts[0].name=a",
                "gateway.upstream.accounts[0].api-key-file=" + firstKey,
                "gateway.upstream.accounts[1].name=b",
                "gateway.upstream.accounts[1].base-url=" + second.baseUrl(),
                "gateway.upstream.accounts[1].api-key-file=" + folder.resolve("key-b")),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  void task_isAskedWhereItsModelPoints() throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.start(
            accounts(
                "gateway.upstream.accounts[0].models=veo*,kling",
                "gateway.upstream.accounts[1].models=sora-2*"))) {
      gateway.provider.answerEverything(UNFINISHED);
      second.answerEverything(UNFINISHED);

      for (String parameters :
          List.of("id=veo3:1", "id=kling:1", "id=sora-2-pro:1", "id=opaque&model=sora-2")) {
        assertThat(gateway.get(parameters).statusCode()).isEqualTo(200);
      }

      assertThat(ids(gateway.provider)).containsExactly("id=veo3:1", "id=kling:1");
      assertThat(ids(second)).containsExactly("id=sora-2-pro:1", "id=opaque&model=sora-2");
      assertThat(gateway.provider.callsWithKey("sk-a")).isEqualTo(2);
      assertThat(second.callsWithKey("sk-b")).isEqualTo(2);
      assertThat(gateway.metric("gateway_upstream_requests_seconds_count", "account=\"b\""))
          .isEqualTo(2);
    }
  }

  @Test
  void whereBothMayKnow_eachTaskIsFound_andThenAskedWhereItWas() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start(accounts())) {
      gateway.provider.answerEverything(NO_SUCH_TASK);
      second.answerEverything(UNFINISHED);

      assertThat(gateway.get("id=veo3:x").statusCode()).isEqualTo(200);
      assertThat(gateway.provider.calls("veo3:x")).isEqualTo(1);
      assertThat(second.calls("veo3:x")).isEqualTo(1);

      for (int i = 2; i <= 4; i++) {
        gateway.time.advance(Duration.ofSeconds(20));
        assertThat(gateway.get("id=veo3:x").statusCode()).isEqualTo(200);
        assertThat(gateway.provider.calls("veo3:x")).isEqualTo(1);
        assertThat(second.calls("veo3:x")).isEqualTo(i);
      }
    }
  }

  @Test
  void notFound_isBelieved_onlyWhenAllSaySo() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start(accounts())) {
      gateway.provider.answerEverything(NO_SUCH_TASK);
      second.answerEverything(NO_SUCH_TASK);
      assertThat(gateway.get("id=veo3:nowhere").statusCode()).isEqualTo(404);

      gateway.provider.answerEverything(Behaviour.error(500, "panic", "", ""));
      assertThat(gateway.get("id=veo3:perhaps").statusCode()).isEqualTo(502);

      second.answerEverything(FINISHED);
      assertThat(gateway.get("id=veo3:there").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void taskOfAFailingAccount_isNotAskedElsewhere_andItsLastAnswerServes() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start(accounts())) {
      gateway.provider.answerEverything(UNFINISHED);
      assertThat(gateway.get("id=veo3:x").statusCode()).isEqualTo(200);
      gateway.provider.answerEverything(Behaviour.error(503, "busy", "", ""));
      gateway.time.advance(Duration.ofSeconds(10));

      var answer = gateway.get("id=veo3:x");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Cache-Status").orElse("")).contains("fwd=stale");
      assertThat(second.calls("veo3:x")).isZero();
    }
  }

  @Test
  void slowAccount_doesNotStarveTheOther() throws Exception {
    try (GatewayFixture gateway =
            GatewayFixture.startInRealTime(
                accounts(
                    "gateway.upstream.max-concurrent-calls=4",
                    "gateway.upstream.call-timeout=3s", // closing the gateway waits for its calls
                    "gateway.upstream.accounts[0].models=veo*",
                    "gateway.upstream.accounts[1].models=sora*"));
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.provider.answerEverything(Behaviour.hang());
      second.answerEverything(UNFINISHED);
      for (int i = 0; i < 12; i++) {
        String id = "id=veo3:slow-" + i;
        var _ = callers.submit(() -> gateway.get(id));
      }
      await().until(() -> gateway.provider.calls().size() == 4);

      for (int i = 0; i < 20; i++) {
        long start = System.nanoTime();
        assertThat(gateway.get("id=sora:quick-" + i).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      }
      gateway.provider.answerEverything(UNFINISHED);
      callers.shutdownNow();
    }
  }

  @Test
  void keyOfOneRevokedUnderLoad_touchesOnlyItsNewTasks_untilReplaced(CapturedOutput output)
      throws Exception {
    try (GatewayFixture gateway =
            GatewayFixture.startInRealTime(
                accounts(
                    "gateway.upstream.accounts[0].models=veo*",
                    "gateway.upstream.accounts[1].models=sora*"));
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.provider.answerEverything(null);
      for (int i = 0; i < 20; i++) {
        gateway.provider.answer("veo3:done-" + i, FINISHED);
        assertThat(gateway.get("id=veo3:done-" + i).statusCode()).isEqualTo(200);
      }
      second.answerEverything(UNFINISHED);
      var stop = new AtomicBoolean();
      Queue<Integer> finishedOfA = new ConcurrentLinkedQueue<>();
      Queue<Integer> anyOfB = new ConcurrentLinkedQueue<>();
      for (int caller = 0; caller < 4; caller++) {
        String mine = "-" + caller + "-";
        var _ =
            callers.submit(
                () -> {
                  for (int i = 0; !stop.get(); i++) {
                    finishedOfA.add(gateway.get("id=veo3:done-" + i % 20).statusCode());
                    anyOfB.add(gateway.get("id=sora:" + mine + i).statusCode());
                  }
                  return null;
                });
      }
      gateway.provider.answerKey("sk-a", REJECTED);

      assertThat(gateway.get("id=veo3:new").statusCode()).isEqualTo(502);
      assertThat(gateway.metric("gateway_upstream_key_healthy", "account=\"a\"")).isZero();
      assertThat(gateway.metric("gateway_upstream_key_healthy", "account=\"b\"")).isEqualTo(1);
      int before = anyOfB.size();
      await().until(() -> anyOfB.size() > before + 100);

      Files.writeString(firstKey, "sk-new");
      gateway.provider.answer("veo3:new", UNFINISHED);
      await()
          .atMost(5, TimeUnit.SECONDS)
          .until(() -> gateway.get("id=veo3:new").statusCode() == 200);
      assertThat(gateway.metric("gateway_upstream_key_healthy", "account=\"a\"")).isEqualTo(1);
      stop.set(true);
      callers.shutdown();
      assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

      assertThat(finishedOfA).hasSizeGreaterThan(100).containsOnly(200);
      assertThat(anyOfB).hasSizeGreaterThan(100).containsOnly(200);
      assertThat(output.getAll().split("The provider rejected key", -1)).hasSize(2);
      assertThat(output.getAll())
          .contains("The provider rejected key 1 (credentials, account a)")
          .doesNotContain("sk-a")
          .doesNotContain("sk-new");
    }
  }

  /** What a provider allows is kept to, and no task is forgotten over others. */
  @Test
  void maxRate_isKept_andEveryWatchedTaskIsRefreshedInTurn() throws Exception {
    int rate = Integer.getInteger("pace.rate", 300);
    int tasks = 1000;
    try (GatewayFixture gateway =
            GatewayFixture.startInRealTime(
                "gateway.upstream.max-rate=" + rate,
                "gateway.cache.unfinished-ttl=1s",
                "gateway.wait.max-waiters=2000");
        HttpClient client = HttpClient.newHttpClient();
        var watchers = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.provider.answerEverything(UNFINISHED);
      for (int i = 0; i < 20; i++) { // the first calls are slow, and reach the provider together
        gateway.get("id=veo3:before-" + i);
      }
      int before = gateway.provider.calls().size();
      Queue<Sse> streams = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < tasks; i++) {
        String id = "id=veo3:watched-" + i;
        var _ = watchers.submit(() -> streams.add(Sse.open(client, gateway, id)));
      }
      Duration round = Duration.ofSeconds(tasks / rate);
      await().atMost(round.plusSeconds(60)).until(() -> streams.size() == tasks);
      await()
          .atMost(round.multipliedBy(4).plusSeconds(20))
          .until(() -> gateway.provider.calls().size() - before > 3 * tasks);

      long start = System.nanoTime();
      assertThat(gateway.get("id=veo3:new").statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      var known = gateway.get("id=veo3:watched-0");
      assertThat(known.statusCode()).isEqualTo(200);
      assertThat(known.headers().firstValue("Cache-Status").orElse("")).contains("hit");

      List<Call> calls = gateway.provider.calls();
      calls = calls.subList(before, calls.size());
      for (Sse stream : streams) {
        stream.close();
      }
      assertThat(mostInASecond(calls)).isLessThanOrEqualTo((int) (rate * 1.1));
      Map<String, Long> perTask =
          calls.subList(calls.size() - tasks * 3 / 2, calls.size()).stream()
              .filter(call -> call.target().contains("watched"))
              .collect(Collectors.groupingBy(Call::target, Collectors.counting()));
      assertThat(perTask).hasSize(tasks);
      assertThat(perTask.values()).allMatch(count -> count == 1 || count == 2);
    }
  }

  @Test
  void firstQuestionsBeyondTheRate_areToldToComeBack_andFindTheirAnswer() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.startInRealTime("gateway.upstream.max-rate=2");
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.provider.answerEverything(FINISHED);
      var answers = new ArrayList<java.util.concurrent.Future<Integer>>();
      for (int i = 0; i < 10; i++) {
        String id = "id=veo3:first-" + i;
        answers.add(callers.submit(() -> gateway.get(id).statusCode()));
      }
      List<Integer> statuses = new ArrayList<>();
      for (var answer : answers) {
        statuses.add(answer.get(10, TimeUnit.SECONDS));
      }

      assertThat(statuses).containsOnly(200, 503);
      var late = gateway.get("id=veo3:first-" + statuses.lastIndexOf(503));
      if (late.statusCode() == 503) {
        assertThat(new String(late.body(), StandardCharsets.UTF_8)).contains("\"overloaded\"");
        assertThat(late.headers().firstValue("Retry-After")).contains("5");
      }
      await()
          .atMost(8, TimeUnit.SECONDS)
          .untilAsserted(
              () -> {
                for (int i = 0; i < 10; i++) {
                  assertThat(gateway.get("id=veo3:first-" + i).statusCode()).isEqualTo(200);
                }
              });
      assertThat(gateway.provider.calls()).hasSize(10);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gateway.upstream.accounts[1].name=a | Give each account a name of its own",
        "gateway.upstream.accounts[1].api-key-file= | Set the provider's key",
        "gateway.upstream.accounts[1].ssl-bundle=none | Define it: spring.ssl.bundle",
        "gateway.upstream.api-key=sk-x | Give each of the accounts its own",
        "gateway.upstream.proxy=socks://u:secret@p:1 | Give an address like http://proxy"
      })
  void whatCannotBe_isToldAtStart(String wrong, CapturedOutput output) {
    String[] settingAndRemedy = wrong.split(" \\| ", 2);

    assertThat(catchThrowable(() -> GatewayFixture.start(accounts(settingAndRemedy[0])).close()))
        .isNotNull();
    assertThat(output.getAll())
        .contains("APPLICATION FAILED TO START")
        .contains(settingAndRemedy[1])
        .doesNotContain("secret")
        .doesNotContain("sk-");
  }

  private static List<String> ids(SimulatedProvider provider) {
    return provider.calls().stream()
        .map(call -> call.target().replaceFirst(".*\\?", "").replace("%3A", ":"))
        .toList();
  }

  private static int mostInASecond(List<Call> calls) {
    int most = 0;
    int from = 0;
    List<Instant> times = calls.stream().map(Call::at).sorted().toList();
    for (int to = 0; to < times.size(); to++) {
      while (Duration.between(times.get(from), times.get(to)).toMillis() >= 1000) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}
