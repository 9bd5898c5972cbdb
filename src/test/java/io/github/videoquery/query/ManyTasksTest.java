package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.body;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.access.AccessFixture;
import io.github.videoquery.access.AccessHandler;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.HandlerServer;
import io.github.videoquery.support.RawHttp;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Event streams of several tasks, in Jetty without Spring. */
class ManyTasksTest {
  private static final String EVENTS = "Accept: text/event-stream";
  private static final String KEY = "Authorization: Bearer right";
  private static final Pattern EVENT = Pattern.compile("event: (\\w+)\nid: (\\S+)\ndata: (.*)\n\n");

  private final CacheFixture fixture = new CacheFixture();
  private final Map<String, TaskReply> replies = new ConcurrentHashMap<>();
  private HandlerServer server;

  private record Event(String name, String id, String data) {
    @Override
    public String toString() {
      return name + ' ' + data;
    }
  }

  @BeforeEach
  void start() throws Exception {
    fixture.provider.reply(query -> replies.getOrDefault(query.id().value(), DOWN));
    server = serve(AccessFixture.open(fixture.registry, fixture.time), 100);
  }

  private HandlerServer serve(AccessHandler access, int maxWaiters) throws Exception {
    var properties =
        new WaitProperties(
            Duration.ofSeconds(60),
            Duration.ofSeconds(8),
            Duration.ofHours(1),
            maxWaiters,
            maxWaiters,
            50);
    return QueryFixture.serve(
        fixture, access, properties, new QueryMetrics(fixture.registry, fixture.time));
  }

  @AfterEach
  void stop() {
    fixture.feeds.stop();
    server.close();
  }

  private static String get(String... ids) {
    return "GET /v1/video/query?id=" + String.join("&id=", ids);
  }

  private static List<Event> events(RawHttp stream) {
    assertThat(stream.status()).isEqualTo(200);
    List<Event> events = new ArrayList<>();
    EVENT
        .matcher(stream.body())
        .results()
        .forEach(found -> events.add(new Event(found.group(1), found.group(2), found.group(3))));
    return events;
  }

  private static Unfinished queued() {
    return new Unfinished(body("{\"status\":\"queued\"}"), "queued");
  }

  private static Finished finished(String id) {
    return new Finished(
        body("{\"id\": \"" + id + "\", \"n\":1.50}"), "completed", null, null, null);
  }

  @Test
  void eachEvent_namesItsTask_andTheLastOneIsDone() throws Exception {
    replies.put("a", finished("a"));
    replies.put("q\"b", new Failed(body("{\"error\":\"x\"}"), "failed"));

    List<Event> events = events(server.send(get("a", "q%22b"), EVENTS));

    assertThat(events)
        .extracting(Event::toString)
        .containsExactlyInAnyOrder(
            "status {\"id\":\"a\",\"task\":{\"id\": \"a\", \"n\":1.50}}",
            "end {\"id\":\"a\",\"end\":\"finished\"}",
            "status {\"id\":\"q\\\"b\",\"task\":{\"error\":\"x\"}}",
            "end {\"id\":\"q\\\"b\",\"end\":\"failed\"}",
            "done {}");
    assertThat(events.getLast().name()).isEqualTo("done");
    FakeTime.spinUntil(
        () ->
            fixture.registry.find("gateway.queries").tag("mode", "watch").timers().stream()
                    .mapToLong(Timer::count)
                    .sum()
                == 2);
    String seen = "Last-Event-ID: " + events.getLast().id();
    assertThat(server.send(get("a", "q%22b"), EVENTS, seen).status()).isEqualTo(204);
    assertThat(server.send(get("q%22b", "a"), EVENTS, seen).status()).isEqualTo(204);
  }

  @Test
  void stream_goesOnAfterAnyEvent_andTellsNothingTwice() throws Exception {
    String[] ids = IntStream.range(0, 7).mapToObj(i -> "t" + i).toArray(String[]::new);
    for (String id : ids) {
      replies.put(id, finished(id));
    }
    List<Event> all = events(server.send(get(ids), EVENTS));

    assertThat(all).hasSize(2 * ids.length + 1);
    for (int seen = 1; seen < all.size(); seen++) {
      RawHttp rest = server.send(get(ids), EVENTS, "Last-Event-ID: " + all.get(seen - 1).id());
      if (seen == all.size() - 1) {
        assertThat(rest.status()).as("all have ended").isEqualTo(204);
      } else {
        assertThat(events(rest))
            .extracting(Event::toString)
            .containsExactlyInAnyOrderElementsOf(
                all.subList(seen, all.size()).stream().map(Event::toString).toList());
      }
    }
  }

  @Test
  void unknownTask_isAProblem_andAnEnd() throws Exception {
    replies.put("a", finished("a"));
    replies.put("no", new NotFound());
    Future<RawHttp> stream = server.begin(get("a", "no"), EVENTS);
    FakeTime.spinUntil(() -> fixture.provider.calls.get() == 2);
    FakeTime.spinUntil(() -> fixture.registry.get("gateway.feeds").gauge().value() == 1);
    for (int i = 0; i < 2; i++) { // the third in a row is believed
      fixture.time.awaitParked(2);
      int before = fixture.provider.calls.get();
      fixture.time.advance(Duration.ofSeconds(2));
      FakeTime.spinUntil(() -> fixture.provider.calls.get() > before);
    }

    assertThat(events(stream.get(10, TimeUnit.SECONDS)))
        .extracting(Event::toString)
        .contains("end {\"id\":\"no\",\"end\":\"not-found\"}")
        .anyMatch(event -> event.startsWith("problem {\"id\":\"no\",\"problem\":{"))
        .endsWith("done {}");
    FakeTime.spinUntil(() -> waiters() == 0);
  }

  private double waiters() {
    return fixture.registry.get("gateway.waiters").tag("kind", "watch").gauge().value();
  }

  @Test
  void news_isTold_whenItComes_andAProblemOfOneTaskIsItsOwn() throws Exception {
    replies.put("a", queued());
    replies.put("b", queued());
    Future<RawHttp> stream = server.begin(get("a", "b"), EVENTS);
    fixture.time.awaitParked(3);
    assertThat(waiters()).isEqualTo(2);
    replies.put("b", finished("b"));
    replies.remove("a");
    fixture.time.advance(Duration.ofMillis(2210));
    FakeTime.spinUntil(() -> fixture.provider.calls.get() == 4);
    FakeTime.spinUntil(() -> fixture.registry.get("gateway.feeds").gauge().value() == 1);
    fixture.time.awaitParked(2);
    replies.put("a", finished("a"));
    fixture.time.advance(Duration.ofSeconds(7));

    List<Event> events = events(stream.get(10, TimeUnit.SECONDS));
    assertThat(
            events.stream()
                .map(event -> event.name() + (event.data().contains("\"a\"") ? " a" : " b"))
                .collect(Collectors.joining(", ")))
        .startsWith("status")
        .contains("status b, end b", "problem a")
        .endsWith("status a, end a, done b");
    assertThat(events)
        .filteredOn(event -> event.name().equals("problem"))
        .singleElement()
        .extracting(Event::data)
        .asString()
        .startsWith("{\"id\":\"a\",\"problem\":{")
        .contains("\"code\":\"upstream-error\"");
  }

  @Test
  void forbiddenTask_isAnEvent_andTheOthersGoOn() throws Exception {
    replies.put("veo3:a", finished("veo3:a"));
    try (HandlerServer strict =
        serve(AccessFixture.forOne(List.of("veo3"), 1, 100, fixture.registry, fixture.time), 100)) {
      List<Event> events = events(strict.send(get("sora:x", "veo3:a"), EVENTS, KEY));

      assertThat(events)
          .extracting(Event::name)
          .containsExactly("problem", "status", "end", "done");
      assertThat(events.getFirst().data()).contains("\"id\":\"sora:x\"", "forbidden");
      assertThat(
              strict
                  .send(
                      get("sora:x", "veo3:a"),
                      EVENTS,
                      KEY,
                      "Last-Event-ID: " + events.getLast().id())
                  .status())
          .isEqualTo(204);
      assertThat(fixture.provider.calls).hasValue(1);
    }
  }

  /** A page gets a new token for the tasks that it began meanwhile. */
  @Test
  void forbiddenTask_isTold_afterABreak_onceItIsAllowed() throws Exception {
    replies.put("a", finished("a"));
    replies.put("b", finished("b"));
    String seen;
    try (HandlerServer limited = serve(token("a"), 100)) {
      List<Event> events = events(limited.send(get("a", "b"), EVENTS, KEY));
      assertThat(events)
          .extracting(Event::name)
          .containsExactly("problem", "status", "end", "done");
      seen = "Last-Event-ID: " + events.getLast().id();
      assertThat(limited.send(get("a", "b"), EVENTS, KEY, seen).status()).isEqualTo(204);
    }
    try (HandlerServer wider = serve(token("a", "b"), 100)) {
      assertThat(events(wider.send(get("a", "b"), EVENTS, KEY, seen)))
          .extracting(Event::name)
          .containsExactly("status", "end", "done");
    }
  }

  private AccessHandler token(String... tasks) {
    return AccessFixture.forToken(
        Set.of(tasks), fixture.time.instant().plusSeconds(20), fixture.registry, fixture.time);
  }

  @ParameterizedTest
  @CsvSource({
    "a&id=a, is given twice",
    "a&id=%61, is given twice",
    "a&id=, is empty",
    "a&id=%01, not visible ASCII",
    "a&id=%zz, percent-encoded",
    "a&id=b&model=%20, The parameter model",
  })
  void ids_areRefused_whenOneIsWrong(String query, String detail) throws Exception {
    RawHttp refused = server.send("GET /v1/video/query?id=" + query, EVENTS);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body()).contains(detail);
  }

  /** As text, so that a page can show it; and once, also after a break. */
  @Test
  void expectedEnd_namesItsTask_andIsToldOnce() throws Exception {
    replies.put(
        "veo3:done",
        new Finished(
            body("{}"), "completed", CacheFixture.NOW.minusSeconds(100), CacheFixture.NOW, null));
    fixture.get(new TaskQuery(new TaskId("veo3:done"), ""));
    replies.put("veo3:a", queued());
    replies.put("b", queued());
    List<Event> events = eventsUntilStop();

    assertThat(events)
        .extracting(Event::toString)
        .contains("expected {\"id\":\"veo3:a\",\"expectedAt\":\"2026-02-06T12:01:40Z\"}");
    fixture.feeds.start();
    assertThat(eventsUntilStop("Last-Event-ID: " + events.getLast().id())).isEmpty();
  }

  private List<Event> eventsUntilStop(String... fields) throws Exception {
    List<String> all = new ArrayList<>(List.of(fields));
    all.add(EVENTS);
    Future<RawHttp> stream = server.begin(get("veo3:a", "b"), all.toArray(String[]::new));
    fixture.time.awaitParked(3);
    fixture.feeds.stop();
    return events(stream.get(10, TimeUnit.SECONDS));
  }

  @Test
  void fiftyIds_areAccepted() throws Exception {
    String[] ids = IntStream.range(0, 50).mapToObj(i -> "t" + i).toArray(String[]::new);
    for (String id : ids) {
      replies.put(id, finished(id));
    }

    assertThat(events(server.send(get(ids), EVENTS))).hasSize(101);
  }

  @Test
  void moreThanFiftyIds_areRefused_andSeveralWithoutAStreamToo() throws Exception {
    String[] ids = IntStream.range(0, 51).mapToObj(i -> "t" + i).toArray(String[]::new);

    RawHttp tooMany = server.send(get(ids), EVENTS);
    assertThat(tooMany.status()).isEqualTo(400);
    assertThat(tooMany.body()).contains("invalid-task-id", "at most 50 ids");
    assertThat(server.send(get("a", "b")).status()).isEqualTo(400);
    assertThat(server.send(get("a", "b") + "&wait=5").status()).isEqualTo(400);
  }

  @Test
  void eachTask_isPaidFor_andCountedAsAWaiter() throws Exception {
    String[] ids = {"a", "b", "c", "d"};
    for (String id : ids) {
      replies.put(id, finished(id));
    }
    try (HandlerServer strict =
        serve(AccessFixture.forOne(null, 1, 9, fixture.registry, fixture.time), 20)) {
      assertThat(strict.send(get(ids), EVENTS, KEY).status()).isEqualTo(200);
      assertThat(strict.send(get("a", "b", "c", "d", "e", "f"), EVENTS, KEY).status())
          .as("5 are left to pay 6")
          .isEqualTo(429);
      fixture.time.advance(Duration.ofSeconds(9));
      String[] tooMany = IntStream.range(0, 21).mapToObj(i -> "t" + i).toArray(String[]::new);
      assertThat(strict.send(get(tooMany), EVENTS, KEY).status())
          .as("a bucket of 9 pays for 21, and 20 may wait")
          .isEqualTo(503);
      assertThat(strict.send(get(ids), EVENTS, KEY).status())
          .as("the 503 cost none")
          .isEqualTo(200);
      assertThat(strict.send(get(ids), EVENTS, KEY).status()).isEqualTo(200);
      assertThat(strict.send(get(ids), EVENTS, KEY).status()).isEqualTo(429);
    }
  }

  @Test
  void stopOfTheService_tellsWhenToComeBack_andHeadIsAnsweredAtOnce() throws Exception {
    replies.put("a", queued());
    replies.put("b", queued());
    RawHttp head = server.send(get("a", "b").replace("GET", "HEAD"), EVENTS);
    assertThat(head.headers()).containsEntry("content-type", "text/event-stream");
    Future<RawHttp> stream = server.begin(get("a", "b"), EVENTS);
    fixture.time.awaitParked(3);
    fixture.feeds.stop();

    assertThat(stream.get(10, TimeUnit.SECONDS).body()).containsPattern("retry: \\d+\n$");
  }

  @Test
  void streamsAndWaits_end_whenTheTokenExpires() throws Exception {
    replies.put("a", queued());
    replies.put("b", queued());
    try (HandlerServer limited = serve(token("a", "b"), 100)) {
      Future<RawHttp> many = limited.begin(get("a", "b"), EVENTS, KEY);
      Future<RawHttp> one = limited.begin(get("a"), EVENTS, KEY);
      Future<RawHttp> wait = limited.begin(get("a") + "&wait=30", KEY);
      for (int i = 0; i < 20; i++) {
        fixture.time.awaitParked(4);
        assertThat(many.isDone() || one.isDone() || wait.isDone()).isFalse();
        fixture.time.advance(Duration.ofSeconds(1));
      }

      assertThat(many.get(10, TimeUnit.SECONDS).body())
          .containsPattern(
              "event: problem\ndata: \\{\"problem\":\\{.*\"unauthenticated\".*}}\n\n$");
      assertThat(one.get(10, TimeUnit.SECONDS).body())
          .containsPattern("event: problem\ndata: \\{\"type\".*\"unauthenticated\".*}\n\n$");
      RawHttp refused = wait.get(10, TimeUnit.SECONDS);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.headers().get("www-authenticate")).contains("invalid_token");
      FakeTime.spinUntil(() -> fixture.registry.get("gateway.feeds").gauge().value() == 0);
    }
  }

  /** Whether the gateway knows the task or not makes no difference. */
  @Test
  void taskThatTheTokenDoesNotName_isForbidden_beforeAnythingIsAsked() throws Exception {
    replies.put("known", finished("known"));
    assertThat(server.send(get("known"), EVENTS).status()).isEqualTo(200);
    try (HandlerServer limited = serve(token("a"), 100)) {
      for (String id : List.of("known", "unknown", "A", "%61b")) {
        assertThat(limited.send(get(id), KEY).status()).as(id).isEqualTo(403);
        assertThat(limited.send(get(id) + "&wait=5", KEY).status()).as(id).isEqualTo(403);
        assertThat(limited.send(get(id), KEY, EVENTS).status()).as(id).isEqualTo(403);
      }
    }
    assertThat(fixture.provider.calls).hasValue(1);
  }
}
