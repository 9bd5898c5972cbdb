package io.github.videoquery.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.Relay;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.WebDriverWait;

/** {@code /watch.js} in Debian's Chromium, over HTTP/1.1. */
class WatchScriptTest {
  private static final List<String> TASKS =
      IntStream.range(0, 30).mapToObj(i -> "many:" + i).toList();

  private static @Nullable ChromeDriver browser;

  @BeforeAll
  static void start() throws Exception {
    browser = Chromium.start();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.quit();
    }
  }

  private static ChromeDriver browser() {
    assumeTrue(browser != null, "Chromium and its driver are not installed");
    return Objects.requireNonNull(browser);
  }

  private static GatewayFixture gateway(String... more) {
    return GatewayFixture.startInRealTime(
        IntStream.range(-1, more.length)
            .mapToObj(i -> i < 0 ? "gateway.cache.unfinished-ttl=100ms" : more[i])
            .toArray(String[]::new));
  }

  private static Behaviour status(String status) {
    return Behaviour.json("{\"status\":\"" + status + "\"}");
  }

  private static Behaviour finished() {
    return Behaviour.json( // a line separator of Unicode ends no line of the stream
        "{\"status\":\"completed\",\"video_url\":\"https://a.example/v.mp4\",\"prompt\":\"a\u2028b\"}");
  }

  /** Follows the tasks, and keeps each event as a line of {@code window.told}. */
  private static void follow(ChromeDriver chromium, List<String> tasks, String options) {
    chromium.executeScript(
        """
        window.told = [];
        const line = (event, id, value) => window.told.push(`${event} ${id ?? '-'} ${value}`);
        const on = {
          status: (task, id, json) => line('status', id, JSON.stringify(task) === json ? task.status : json),
          end: (how, id) => line('end', id, how),
          problem: (problem, id) => line('problem', id, problem.code ?? problem.detail),
        };
        import('/watch.js')
          .then(({watch}) => watch(arguments[0], {on, ...OPTIONS}))
          .then(() => window.told.push('done'), error => window.told.push(error.message));
        """
            .replace("OPTIONS", options),
        tasks);
  }

  @SuppressWarnings("unchecked")
  private static List<String> told(ChromeDriver chromium) {
    return (List<String>) Objects.requireNonNull(chromium.executeScript("return window.told"));
  }

  private static void awaitTold(ChromeDriver chromium, int lines) {
    new WebDriverWait(chromium, Duration.ofSeconds(30))
        .withMessage(() -> told(chromium).toString())
        .until(any -> told(chromium).size() >= lines);
  }

  private static void stop(GatewayFixture replica) {
    replica.close();
  }

  @Test
  void thirtyTasks_areSeenToTheirEnd_onOneStream_whileAReplicaStops_andOtherTabsLoad()
      throws Exception {
    ChromeDriver chromium = browser();
    try (GatewayFixture two = gateway();
        GatewayFixture one = gateway("gateway.upstream.base-url=" + two.provider.baseUrl());
        var relay = new Relay(one.port())) {
      TASKS.forEach(id -> two.provider.answer(id, status("queued")));
      String origin = "http://127.0.0.1:" + relay.port() + "/";
      chromium.get(origin);
      String tab = chromium.getWindowHandle();
      follow(chromium, TASKS, "{}");
      awaitTold(chromium, 30);
      for (int i = 0; i < 6; i++) {
        chromium.switchTo().newWindow(WindowType.TAB).get(origin);
        assertThat(chromium.getTitle()).isEqualTo("Video tasks");
      }
      chromium.switchTo().window(tab);
      TASKS.subList(0, 10).forEach(id -> two.provider.answer(id, finished()));
      awaitTold(chromium, 50);
      relay.moveTo(two.port());
      stop(one);
      TASKS.forEach(id -> two.provider.answer(id, finished()));
      awaitTold(chromium, 91);

      List<String> told = told(chromium);
      assertThat(told).hasSize(91).doesNotHaveDuplicates().last().isEqualTo("done");
      assertThat(told).filteredOn(line -> line.endsWith("queued")).hasSize(30);
      assertThat(told).filteredOn(line -> line.endsWith("completed")).hasSize(30);
      assertThat(told).filteredOn(line -> line.startsWith("end")).hasSize(30);
    }
  }

  @Test
  void tokenThatIsRefused_isAskedForAnew_once(@TempDir Path folder) throws Exception {
    ChromeDriver chromium = browser();
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: a, keys: [\"" + GatewayFixture.hash("right") + "\"]}]");
    try (GatewayFixture gateway =
        gateway("gateway.access.mode=api-key", "gateway.access.clients-file=" + clients)) {
      gateway.provider.answerEverything(finished());
      chromium.get("http://127.0.0.1:" + gateway.port() + "/");
      follow(
          chromium,
          List.of("a"),
          "{token: async () => window.used = window.used ? 'right' : 'old'}");
      awaitTold(chromium, 3);
      assertThat(told(chromium)).containsExactly("status a completed", "end a finished", "done");

      follow(chromium, List.of("a", "b"), "{token: async () => 'old'}");
      awaitTold(chromium, 1);
      assertThat(told(chromium)).singleElement().asString().contains("The key is unknown");
    }
  }

  @Test
  void script_isOneModuleOf120Lines_andCachedByItsVersionAlone() throws Exception {
    try (GatewayFixture gateway = gateway()) {
      HttpResponse<byte[]> script =
          gateway.send("GET", URI.create("http://127.0.0.1:" + gateway.port() + "/watch.js"));
      String text = new String(script.body(), StandardCharsets.UTF_8);
      assertThat(text.lines().count()).isLessThanOrEqualTo(120);
      assertThat(text).contains("export async function watch(").doesNotContain("import ");
      assertThat(script.headers().firstValue("Cache-Control")).contains("no-cache");
      assertThat(script.headers().firstValue("ETag")).isPresent();
    }
  }

  @Test
  void page_usesTheSameScript() throws IOException {
    assertThat(Files.readString(Path.of("src/main/resources/page/board.js")))
        .contains("import {watch} from './watch.js';");
  }
}
