package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import io.github.videoquery.support.Sse;
import io.github.videoquery.task.TaskId;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;

/** Streams of events, on a fast schedule. */
class WatchTest {
  private static final long INTERVAL_MILLIS = 100;
  private static final String FINISHED =
      "{\"status\":\"completed\",\r\n\"video_url\":\"https://a/b.mp4\"}";
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.startInRealTime(fast());
  }

  @AfterAll
  static void stop() {
    gateway.close();
    callers.close();
  }

  private static String[] fast(String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("gateway.cache.unfinished-ttl=" + INTERVAL_MILLIS + "ms");
    return settings.toArray(String[]::new);
  }

  /** Whatever their number, ids and cursor have to fit into the head of a request. */
  @Test
  void fiftyLongIds_andTheirCursor_fitIntoTheHead_andMoreIsRefused() throws Exception {
    assertThat(headOf(200).status()).isEqualTo(200);
    assertThat(headOf(400).status()).isIn(414, 431);
  }

  private static RawHttp headOf(int idLength) throws Exception {
    Map<String, SentState> sent = new LinkedHashMap<>();
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      String id = "x".repeat(idLength - 2) + (10 + i);
      ids.append(i == 0 ? "?id=" : "&id=").append(id);
      sent.put(
          StreamCursor.key(new TaskId(id)),
          SentState.NOTHING.status("abcd-_12").expected(Instant.now()));
    }
    String head =
        "HEAD /v1/video/query%s HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: %s"
            .formatted(ids, new StreamCursor(sent));
    return RawHttp.send(gateway.port(), head + "\r\nConnection: close\r\n\r\n");
  }

  /** Spring's client, as a Java front end would use it: it asks again until there is no more. */
  @Test
  void readerInJava_seesEachEventOnce_andStopsBy204() {
    String id = task("queued");
    ParameterizedTypeReference<ServerSentEvent<String>> event =
        new ParameterizedTypeReference<>() {};
    var lastId = new AtomicReference<>("");
    List<HttpStatusCode> statuses = new ArrayList<>();
    List<String> events =
        Flux.defer(
                () ->
                    WebClient.create()
                        .get()
                        .uri(gateway.query("id=" + id))
                        .accept(MediaType.TEXT_EVENT_STREAM)
                        .header("Last-Event-ID", lastId.get())
                        .exchangeToFlux(
                            answer -> {
                              statuses.add(answer.statusCode());
                              return answer.bodyToFlux(event);
                            })
                        .filter(sent -> sent.event() != null)
                        .doOnNext(sent -> lastId.set(Objects.requireNonNull(sent.id()))))
            .doOnNext(sent -> gateway.provider.answer(id, Behaviour.json(FINISHED)))
            .repeat(() -> !statuses.getLast().equals(HttpStatus.NO_CONTENT))
            .map(sent -> sent.event() + " " + sent.data())
            .collectList()
            .block(Duration.ofSeconds(30));

    assertThat(events)
        .containsExactly(
            "status {\"status\":\"queued\"}",
            "status " + FINISHED.replace("\r\n", "\n"),
            "end finished");
    assertThat(statuses).containsExactly(HttpStatus.OK, HttpStatus.NO_CONTENT);
  }

  @Test
  void stream_tellsEachChangeOnce_inOrder_andTheEnd() throws Exception {
    String id = task("queued");
    try (Sse stream = Sse.open(gateway, "id=" + id)) {
      Sse.Event queued = next(stream);
      gateway.provider.answer(id, status("drawing"));
      Sse.Event drawing = next(stream);
      gateway.provider.answer(id, Behaviour.json(FINISHED));
      List<Sse.Event> rest = stream.rest();

      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");
      assertThat(stream.header("Cache-Control")).isEqualTo("private, no-cache, no-transform");
      assertThat(queued.name()).isEqualTo("status");
      assertThat(queued.data()).isEqualTo("{\"status\":\"queued\"}");
      assertThat(drawing.data()).isEqualTo("{\"status\":\"drawing\"}");
      assertThat(rest).extracting(Sse.Event::name).containsExactly("status", "end");
      assertThat(rest.getFirst().data()).isEqualTo(FINISHED.replace("\r\n", "\n"));
      assertThat(rest.getFirst().id()).isEqualTo(tag(id));
      assertThat(rest.getLast().data()).isEqualTo("finished");
    }
  }

  @Test
  void reconnect_goesOnWhereItWas_andStopsForGood_whenTheTaskHasEnded() throws Exception {
    String id = task("queued");
    String seen;
    try (Sse stream = Sse.open(gateway, "id=" + id)) {
      seen = Objects.requireNonNull(next(stream).id());
    }
    gateway.provider.answer(id, status("drawing"));
    try (Sse again = Sse.open(gateway, "id=" + id, "Last-Event-ID", seen)) {
      assertThat(next(again).data()).contains("drawing");
      gateway.provider.answer(id, Behaviour.json(FINISHED));
      seen = Objects.requireNonNull(again.rest().getFirst().id());
    }

    try (Sse ended = Sse.open(gateway, "id=" + id + "&lastEventId=" + seen)) {
      assertThat(ended.status()).as("a reader that cannot send header fields").isEqualTo(204);
    }
    try (Sse ended = Sse.open(gateway, "id=" + id + "&lastEventId=x", "Last-Event-ID", seen)) {
      assertThat(ended.status()).isEqualTo(204);
      assertThat(ended.header("Cache-Control")).isEqualTo("no-store");
      assertThat(ended.header("Vary")).isEqualTo("Accept, Accept-Encoding, Origin");
      assertThat(ended.rest()).isEmpty();
    }
  }

  /** A blank line behind a comment is an event without data to the most used reader for fetch. */
  @Test
  void stream_hasABlankLine_behindEventsOnly() throws Exception {
    String id = task("queued");
    try (var brief =
        GatewayFixture.startInRealTime(
            "gateway.cache.unfinished-ttl=1s", "gateway.wait.heartbeat=1s")) {
      brief.provider.answerInTurn(
          id, status("queued"), status("queued"), status("queued"), Behaviour.json(FINISHED));

      String stream =
          new String(
              brief.get("id=" + id, "Accept", "text/event-stream").body(), StandardCharsets.UTF_8);

      assertThat(stream).startsWith(":\nevent: status\n").contains("\n\n:\n");
      assertThat(stream.split("\n\n", -1))
          .filteredOn(block -> !block.isEmpty())
          .allSatisfy(block -> assertThat(block).contains("data: "));
    }
  }

  @Test
  void expectedEnd_isTold_onceTasksOfTheModelHaveFinished() throws Exception {
    long now = Instant.now().getEpochSecond();
    gateway.get("id=veo3-fast:" + (now - 400) + "-done000001"); // took 247 s
    String id = "veo3-fast:" + now + "-fresh00001";

    try (Sse stream = Sse.open(gateway, "id=" + id)) {
      assertThat(next(stream).name()).isEqualTo("status");
      Sse.Event expected = next(stream);

      assertThat(expected.name()).isEqualTo("expected");
      assertThat(expected.data())
          .isEqualTo("{\"expectedAt\":\"" + Instant.ofEpochSecond(now + 247) + "\"}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/event-stream|text/event-stream",
        "text/event-stream, application/json;q=0.9|text/event-stream",
        "text/event-stream, */*;q=0.1|text/event-stream",
        "TEXT/EVENT-STREAM|text/event-stream",
        "Text/Event-Stream, Application/JSON;q=0.9|text/event-stream",
        "application/json, text/event-stream|application/json",
        "text/event-stream, */*|application/json",
        "text/event-stream;q=0.5, application/json|application/json",
        "text/html, */*;q=0.8|application/json",
      })
  void stream_isGiven_whereItIsPreferredToJson(String accept, String type) throws Exception {
    String id = task("failed");

    HttpResponse<byte[]> answer = gateway.get("id=" + id, "Accept", accept);
    HttpResponse<byte[]> head = gateway.send("HEAD", gateway.query("id=" + id), "Accept", accept);

    assertThat(answer.headers().firstValue("Content-Type")).contains(type);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length"))
        .isEqualTo(answer.headers().firstValue("Content-Length"));
    assertThat(head.headers().firstValue("Content-Type")).contains(type);
  }

  @Test
  void fiveThousandWatchers_shareOneCallAnInterval_andEachSeesEverythingOnce() throws Exception {
    int tasks = 100;
    int watchersOfEach = 50;
    double intervalSeconds = 1;
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      ids.add("crowd:task" + i);
    }
    try (var crowded = GatewayFixture.startInRealTime("gateway.cache.unfinished-ttl=1s")) {
      ids.forEach(id -> crowded.provider.answer(id, status("queued")));
      List<Future<List<Sse.Event>>> streams = new ArrayList<>();
      var told = new CountDownLatch(tasks * watchersOfEach);
      for (int i = 0; i < tasks * watchersOfEach; i++) {
        String id = ids.get(i % tasks);
        streams.add(
            callers.submit(
                () -> {
                  try (Sse stream = Sse.open(crowded, "id=" + id)) {
                    List<Sse.Event> events = new ArrayList<>(List.of(next(stream)));
                    told.countDown();
                    events.addAll(stream.rest());
                    return events;
                  }
                }));
      }
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
      long start = System.nanoTime();
      int before = calls(crowded, ids);
      ids.forEach(id -> crowded.provider.answer(id, status("drawing")));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> calls(crowded, ids) >= before + tasks * 3); // by now all have been told
      int calls = calls(crowded, ids) - before;
      double intervals = (System.nanoTime() - start) / 1e9 / intervalSeconds;
      ids.forEach(id -> crowded.provider.answer(id, Behaviour.json(FINISHED)));

      for (Future<List<Sse.Event>> stream : streams) {
        assertThat(stream.get(60, TimeUnit.SECONDS))
            .extracting(event -> event.name() + " " + event.data())
            .containsExactly(
                "status {\"status\":\"queued\"}",
                "status {\"status\":\"drawing\"}",
                "status " + FINISHED.replace("\r\n", "\n"),
                "end finished");
      }
      // jitter makes an interval a tenth shorter or longer
      assertThat(calls).isLessThanOrEqualTo((int) (tasks * (intervals / 0.9 + 1)));
      awaitWatchers(crowded, 0);
      int after = calls(crowded, ids);
      Awaitility.await()
          .pollDelay(Duration.ofSeconds(3))
          .until(() -> calls(crowded, ids) == after); // nobody watches, nobody asks
    }
  }

  @Test
  void stormOfReconnects_leavesNothingBehind() throws Exception {
    String id = task("queued");
    String seen;
    try (Sse stream = Sse.open(gateway, "id=" + id)) {
      seen = Objects.requireNonNull(next(stream).id());
    }
    int before = gateway.provider.calls(id);
    long start = System.nanoTime();

    List<Future<?>> storm = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      storm.add(
          callers.submit(
              () -> {
                Sse.open(gateway, "id=" + id, "Last-Event-ID", seen).close();
                return null;
              }));
    }
    for (Future<?> reconnect : storm) {
      reconnect.get(30, TimeUnit.SECONDS);
    }
    gateway.provider.answer(id, Behaviour.json(FINISHED)); // the next write finds them gone

    awaitWatchers(gateway, 0);
    double intervals = (System.nanoTime() - start) / 1e6 / INTERVAL_MILLIS;
    assertThat(gateway.provider.calls(id) - before)
        .isLessThanOrEqualTo((int) (intervals / 0.9 + 2));
  }

  @Test
  void callerThatDoesNotRead_isLetGo() throws Exception {
    String id = task("queued");
    String large = "{\"status\":\"%s\",\"detail\":{\"req\":\"" + "x".repeat(4_000_000) + "\"}}";
    try (var impatient =
        GatewayFixture.startInRealTime(fast("server.jetty.connection-idle-timeout=1s"))) {
      impatient.provider.answer(id, Behaviour.json(large.formatted("queued")));
      try (Sse _ = Sse.open(impatient, "id=" + id)) {
        impatient.provider.answer(id, Behaviour.json(large.formatted("drawing")));

        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> impatient.metric("gateway_waiters", "kind=\"watch\"") == 0);
      }
    }
  }

  @Test
  void shutdown_answersWhoWaits_andSendsWatchersOff_losingNobody() throws Exception {
    var stopping = GatewayFixture.startInRealTime("gateway.cache.unfinished-ttl=1s");
    String id = task("queued");
    stopping.provider.answer(id, status("queued"));
    stopping.provider.answer("slow", Behaviour.drip("{\"status\":\"queued\"}", 50));
    Sse stream = Sse.open(stopping, "id=" + id);
    assertThat(next(stream).name()).isEqualTo("status");
    Future<HttpResponse<byte[]>> waiting =
        callers.submit(() -> stopping.get("id=" + id + "&wait=30"));
    Future<HttpResponse<byte[]>> asking = callers.submit(() -> stopping.get("id=slow"));
    Awaitility.await().until(() -> stopping.metric("gateway_waiters", "kind=\"wait\"") == 1);
    Awaitility.await().until(() -> stopping.provider.calls("slow") == 1);

    Future<?> closed = callers.submit(stopping::close);

    assertThat(waiting.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(asking.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    Sse.Event last = stream.rest().getLast();
    assertThat(last.name()).isEqualTo("retry");
    assertThat(Integer.parseInt(last.data())).isBetween(1000, 3000);
    closed.get(20, TimeUnit.SECONDS);
  }

  private static Sse.Event next(Sse stream) throws Exception {
    Sse.Event event = Objects.requireNonNull(stream.next());
    return event.name().equals("comment") ? next(stream) : event;
  }

  private static int calls(GatewayFixture of, List<String> ids) {
    return ids.stream().mapToInt(of.provider::calls).sum();
  }

  private static void awaitWatchers(GatewayFixture of, int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> of.metric("gateway_waiters", "kind=\"watch\"") == count);
  }

  private static String tag(String id) throws Exception {
    return gateway.get("id=" + id).headers().firstValue("ETag").orElseThrow().replace("\"", "");
  }

  private static String task(String status) {
    String id = "watched:task" + NEXT.incrementAndGet();
    gateway.provider.answer(id, status(status));
    return id;
  }

  private static Behaviour status(String status) {
    return Behaviour.json("{\"status\":\"" + status + "\"}");
  }
}
