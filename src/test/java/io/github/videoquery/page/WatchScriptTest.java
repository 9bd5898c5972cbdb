package io.github.videoquery.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.Relay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
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

  /** Follows the tasks, and keeps each event as a line of {@code window.received}. */
  private static void follow(ChromeDriver chromium, List<String> tasks, String options) {
    chromium.executeScript(
        """
        window.received = [];
        const line = (event, id, value) => window.received.push(`${event} ${id ?? '-'} ${value}`);
        const on = {
          status: (task, id, json) => line('status', id, JSON.stringify(task) === json ? task.status : json),
          end: (how, id) => line('end', id, how),
          problem: (problem, id) => line('problem', id, problem.code ?? problem.detail),
        };
        import('/watch.js')
          .then(({watch}) => watch(arguments[0], {on, ...OPTIONS}))
          .then(() => window.received.push('done'), error => window.received.push(error.message));
        """
            .replace("OPTIONS", options),
        tasks);
  }

  @SuppressWarnings("unchecked")
  private static List<String> received(ChromeDriver chromium) {
    return (List<String>) Objects.requireNonNull(chromium.executeScript("return window.received"));
  }

  private static void awaitReceived(ChromeDriver chromium, int lines) {
    new WebDriverWait(chromium, Duration.ofSeconds(30))
        .withMessage(() -> received(chromium).toString())
        .until(any -> received(chromium).size() >= lines);
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
      awaitReceived(chromium, 30);
      for (int i = 0; i < 6; i++) {
        chromium.switchTo().newWindow(WindowType.TAB).get(origin);
        assertThat(chromium.getTitle()).isEqualTo("Video tasks");
      }
      chromium.switchTo().window(tab);
      TASKS.subList(0, 10).forEach(id -> two.provider.answer(id, finished()));
      awaitReceived(chromium, 50);
      relay.moveTo(two.port());
      stop(one);
      TASKS.forEach(id -> two.provider.answer(id, finished()));
      awaitReceived(chromium, 91);

      List<String> received = received(chromium);
      assertThat(received).hasSize(91).doesNotHaveDuplicates().last().isEqualTo("done");
      assertThat(received).filteredOn(line -> line.endsWith("queued")).hasSize(30);
      assertThat(received).filteredOn(line -> line.endsWith("completed")).hasSize(30);
      assertThat(received).filteredOn(line -> line.startsWith("end")).hasSize(30);
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
      awaitReceived(chromium, 3);
      assertThat(received(chromium))
          .containsExactly("status a completed", "end a finished", "done");

      follow(chromium, List.of("a", "b"), "{token: async () => 'old'}");
      awaitReceived(chromium, 1);
      assertThat(received(chromium)).singleElement().asString().contains("The key is unknown");
    }
  }

  /** The second token is used, and the stream goes on after its last event. */
  @Test
  void tokenThatExpiresInMidStream_isReplaced_andNothingIsLost() throws Exception {
    ChromeDriver chromium = browser();
    try (var server = new StreamServer()) {
      server.answer(
          200,
          """
          id: one
          event: status
          data: {"status":"queued"}

          event: problem
          data: {"code":"unauthenticated"}

          """);
      server.answer(
          200,
          """
          id: two
          event: status
          data: {"status":"completed"}

          id: two
          event: end
          data: finished

          """);
      chromium.get(server.page());
      follow(
          chromium,
          List.of("a"),
          "{token: async () => 'token-' + (window.n = (window.n ?? 0) + 1)}");
      awaitReceived(chromium, 4);

      assertThat(received(chromium))
          .containsExactly("status a queued", "status a completed", "end a finished", "done");
      assertThat(server.requests()).containsExactly("Bearer token-1 null", "Bearer token-2 one");
    }
  }

  /** Half to one and a half of 10 ms, then of 20 ms and so on; Retry-After is obeyed. */
  @Test
  void pauses_doubleWithJitter_andObeyRetryAfter() throws Exception {
    ChromeDriver chromium = browser();
    try (var server = new StreamServer()) {
      server.answer(200, "retry: 10\nevent: expected\ndata: {}\n\n");
      for (int i = 0; i < 5; i++) {
        server.answer(503, "{\"code\":\"overloaded\"}");
      }
      server.answer(429, "{\"code\":\"rate-limited\"}", "Retry-After", "1");
      server.answer(200, "event: end\ndata: finished\n\n");
      chromium.get(server.page());
      chromium.executeScript("window.pauses = []");
      follow(
          chromium,
          List.of("a"),
          "{on: {...on, retry: date => window.pauses.push(date - Date.now())}}");
      awaitReceived(chromium, 8);

      List<?> pauses =
          (List<?>) Objects.requireNonNull(chromium.executeScript("return window.pauses"));
      assertThat(pauses).hasSize(7);
      for (int i = 1; i <= 5; i++) { // the first one is that of a stream that ended
        double base = 10 * Math.pow(2, i - 1);
        assertThat(((Number) pauses.get(i)).doubleValue())
            .as("pause %d of %s", i, pauses)
            .isBetween(base * 0.5 - 5, base * 1.5 + 1);
      }
      assertThat(((Number) pauses.get(6)).doubleValue()).isBetween(995.0, 1251.0);
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

  /** Serves the script, and answers each query with the next of the given answers. */
  private static final class StreamServer implements AutoCloseable {
    private final HttpServer server;
    private final Queue<HttpHandler> answers = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    StreamServer() throws IOException {
      byte[] script = Files.readAllBytes(Path.of("src/main/resources/page/watch.js"));
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", exchange -> send(exchange, 200, "text/html", new byte[0]));
      server.createContext("/watch.js", exchange -> send(exchange, 200, "text/javascript", script));
      server.createContext("/v1/video/query", this::query);
      server.start();
    }

    String page() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** The credential and the last event id of each query. */
    List<String> requests() {
      return requests;
    }

    void answer(int status, String body, String... field) {
      answers.add(
          exchange -> {
            if (field.length > 0) {
              exchange.getResponseHeaders().set(field[0], field[1]);
            }
            String type = status == 200 ? "text/event-stream" : "application/problem+json";
            send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
          });
    }

    private void query(HttpExchange exchange) throws IOException {
      Headers asked = exchange.getRequestHeaders();
      requests.add(asked.getFirst("Authorization") + ' ' + asked.getFirst("Last-Event-ID"));
      answers.remove().handle(exchange);
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body)
        throws IOException {
      try (exchange) {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
