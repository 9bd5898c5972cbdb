package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.access.AccessFixture;
import io.github.videoquery.access.AccessHandler;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.support.FakeProvider;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.HandlerServer;
import io.github.videoquery.support.RawHttp;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fresh answers, long polls and event streams, in Jetty without Spring. */
class QueryHandlersTest {
  private static final String GET = "GET /v1/video/query?id=veo3:task_abc";

  private final CacheFixture fixture = new CacheFixture();
  private final FakeProvider provider = fixture.provider;
  private final QueryMetrics metrics = new QueryMetrics(fixture.registry, fixture.time);
  private HandlerServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        serve(
            AccessFixture.open(fixture.registry, fixture.time),
            new WaitProperties(
                Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 2, 2, 50));
  }

  private HandlerServer serve(AccessHandler access, WaitProperties properties) throws Exception {
    return QueryFixture.serve(fixture, access, properties, metrics);
  }

  @AfterEach
  void stop() {
    fixture.feeds.stop();
    server.close();
  }

  @Test
  void freshAnswer_isGivenAtOnce_andAnythingElsePassedOn() throws Exception {
    assertThat(server.send(GET).status()).isEqualTo(HandlerServer.PASSED_ON);
    provider.reply(FINISHED);
    fixture.get(QUERY);

    RawHttp hit = server.send(GET);
    assertThat(hit.status()).isEqualTo(200);
    assertThat(hit.body()).isEqualTo("finished");
    assertThat(hit.headers()).containsEntry("cache-status", "video-query-gateway; hit; ttl=43200");
    assertThat(server.send(GET, "If-None-Match: " + hit.headers().get("etag")).status())
        .isEqualTo(304);
    assertThat(server.send("HEAD /v1/video/query?id=veo3:task_abc").status()).isEqualTo(200);
    assertThat(provider.calls).hasValue(1);
    awaitQueries("ask", "hit", 3);
    assertThat(server.send("GET /other").status()).isEqualTo(HandlerServer.PASSED_ON);
  }

  @Test
  void staleAnswerOfAnEndedTask_isGivenAtOnce_andRefreshedForWhoCanPay() throws Exception {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    fixture.time.advance(Duration.ofHours(13));
    try (var limited =
        serve(
            AccessFixture.forOne(null, 1, 1, fixture.registry, fixture.time),
            new WaitProperties(
                Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 2, 2, 50))) {
      String key = "Authorization: Bearer right";
      RawHttp stale = limited.send(GET, key);
      assertThat(stale.status()).isEqualTo(200);
      assertThat(stale.headers())
          .containsEntry(
              "cache-status", "video-query-gateway; hit; ttl=-3600; detail=stale-while-revalidate")
          .containsEntry("cache-control", "private, no-cache");
      FakeTime.spinUntil(() -> provider.calls.get() == 2);
      FakeTime.spinUntil(() -> fixture.get(QUERY).source() == Answer.Source.HIT);
      assertThat(limited.send(GET, key).status()).as("the refresh was a miss").isEqualTo(429);

      fixture.time.advance(Duration.ofHours(13));
      assertThat(limited.send(GET, key).status()).isEqualTo(200);
      FakeTime.spinUntil(() -> provider.calls.get() == 3);
    }
    awaitQueries("ask", "stale", 2);
  }

  @Test
  void clientThatCannotPayForTheRefresh_getsTheStaleAnswer() throws Exception {
    provider.reply(FINISHED);
    fixture.get(QUERY);
    try (var limited =
        serve(
            AccessFixture.forOne(null, 1, 1, fixture.registry, fixture.time),
            new WaitProperties(
                Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 2, 2, 50))) {
      String key = "Authorization: Bearer right";
      fixture.time.advance(Duration.ofHours(13));
      fixture.get(new TaskQuery(new TaskId("b"), ""));
      assertThat(limited.send("GET /v1/video/query?id=b", key).status()).isEqualTo(200);
      RawHttp stale = limited.send(GET, key); // nine tenths are left for a hit and the rest
      assertThat(stale.headers().get("cache-status")).contains("stale-while-revalidate");
      assertThat(provider.calls).hasValue(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST /v1/video/query?id=a, 405",
    "GET /v1/video/query, 400",
    "GET /v1/video/query?id=, 400",
    "GET /v1/video/query?id=a&id=b, 400",
    "GET /v1/video/query?id=a&wait=x, 400",
    "GET /v1/video/query?id=a&model=%20, 400",
  })
  void badQuery_isRefused(String request, int status) throws Exception {
    RawHttp refused = server.send(request);

    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.headers().get("content-type")).isEqualTo("application/problem+json");
    assertThat(refused.headers().get("allow")).isEqualTo(status == 405 ? "GET, HEAD" : null);
    assertThat(provider.calls).hasValue(0);
  }

  @Test
  void longPoll_isAnsweredAtOnce_whenTheTaskHasEnded() throws Exception {
    provider.reply(FINISHED);

    RawHttp asked = server.send(GET + "&wait=5");
    RawHttp preferred = server.send(GET, "Prefer: wait=7");

    assertThat(asked.body()).isEqualTo("finished");
    assertThat(asked.headers()).doesNotContainKey("preference-applied");
    assertThat(preferred.headers()).containsEntry("preference-applied", "wait=7");
    assertThat(provider.calls).hasValue(1);
    awaitQueries("wait", "miss", 1);
    awaitQueries("wait", "hit", 1);
  }

  @Test
  void longPoll_isAnswered_whenTheTaskEnds() throws Exception {
    provider.reply(UNFINISHED);
    Future<RawHttp> waiting = server.begin(GET + "&wait=30");
    fixture.time.awaitParked(2);
    provider.reply(FINISHED);
    fixture.time.advance(Duration.ofMillis(2210));

    assertThat(waiting.get(10, TimeUnit.SECONDS).body()).isEqualTo("finished");
  }

  @Test
  void longPoll_isAnswered_whenTheCallerHasSomethingElse() throws Exception {
    provider.reply(UNFINISHED);

    assertThat(server.send(GET + "&wait=30", "If-None-Match: \"other\"").body())
        .isEqualTo("unfinished");
  }

  /** Some hosts send another {@code request_id} in each answer. */
  @Test
  void longPoll_goesOn_whenTheAnswerDiffers_butIsNoNews() throws Exception {
    provider.reply(noise("first"));
    String tag = server.send(GET + "&wait=1", "If-None-Match: \"a\"").headers().get("etag");
    Future<RawHttp> waiting = server.begin(GET + "&wait=5", "If-None-Match: " + tag);
    fixture.time.awaitParked(2);
    provider.reply(noise("second"));
    fixture.time.advance(Duration.ofMillis(2210));
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
    fixture.time.awaitParked(2);
    assertThat(waiting).isNotDone();

    fixture.time.advance(Duration.ofSeconds(3));
    RawHttp answer = waiting.get(10, TimeUnit.SECONDS);
    assertThat(answer.status()).as("the bytes differ").isEqualTo(200);
    assertThat(answer.body()).isEqualTo("second");
  }

  private static Unfinished noise(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Unfinished(new Body(bytes, null, "queued"), "queued");
  }

  /** It was moderated, or is fetched by another path: a link never comes. */
  @Test
  void longPollAndStream_end_whenTheTaskIsSettled() throws Exception {
    provider.reply(new Unfinished(UNFINISHED.body(), "completed", true, null));
    long settled = fixture.time.nanoTime() + Duration.ofMinutes(2).toNanos();
    String tag = "\"" + UNFINISHED.body().tag() + "\"";
    Future<RawHttp> waiting = server.begin(GET + "&wait=60", "If-None-Match: " + tag);
    fixture.time.awaitParked(2);
    fixture.time.advance(Duration.ofMinutes(1));
    RawHttp unsettled = waiting.get(10, TimeUnit.SECONDS);
    assertThat(unsettled.status()).isEqualTo(304);
    assertThat(unsettled.headers()).containsKey("retry-after");
    fixture.time.advance(Duration.ofSeconds(30));
    Future<RawHttp> settling = server.begin(GET + "&wait=60");
    while (fixture.time.nanoTime() < settled) {
      fixture.time.awaitParked(2);
      int calls = provider.calls.get();
      fixture.time.advance(Duration.ofMillis(5510)); // the longest pause
      FakeTime.spinUntil(() -> provider.calls.get() > calls);
    }

    assertThat(settling.get(10, TimeUnit.SECONDS).headers()).doesNotContainKey("retry-after");
    assertThat(settling.get().headers()).containsEntry("cache-control", "private, no-cache");
    String stream = server.send(GET, "Accept: text/event-stream").body();
    assertThat(stream).contains("event: status").endsWith("data: finished\n\n");
    String id = "Last-Event-ID: " + UNFINISHED.body().tag();
    assertThat(server.send(GET, "Accept: text/event-stream", id).body())
        .as("its status was told, and not its end")
        .isEqualTo(
            ":\nevent: end\nid: " + UNFINISHED.body().tag() + "-settled\ndata: finished\n\n");
    assertThat(server.send(GET, "Accept: text/event-stream", id + "-settled").status())
        .isEqualTo(204);
  }

  @Test
  void longPoll_isAnsweredByWhatIsKnown_whenItsTimeIsOver() throws Exception {
    provider.reply(UNFINISHED);
    String tag = '"' + UNFINISHED.body().tag() + '"';
    Future<RawHttp> waiting = server.begin(GET + "&wait=1");
    fixture.time.awaitParked(2);
    fixture.time.advance(Duration.ofMillis(999));
    fixture.time.awaitParked(2);
    assertThat(waiting.isDone()).isFalse();
    fixture.time.advance(Duration.ofMillis(1));

    RawHttp known = waiting.get(10, TimeUnit.SECONDS);
    assertThat(known.body()).isEqualTo("unfinished");
    assertThat(known.headers()).containsEntry("retry-after", "1");
    Future<RawHttp> same = server.begin(GET + "&wait=1", "If-None-Match: " + tag);
    fixture.time.awaitParked(2);
    fixture.time.advance(Duration.ofSeconds(1));
    assertThat(same.get(10, TimeUnit.SECONDS).status()).isEqualTo(304);
  }

  @Test
  void longPoll_isToldAFailureAtOnce_andNotFoundTheThirdTime() throws Exception {
    assertThat(server.send(GET + "&wait=30").status()).isEqualTo(502);
    provider.reply(new NotFound());
    Future<RawHttp> waiting = server.begin("GET /v1/video/query?id=unknown&wait=30");
    for (int i = 0; i < 2; i++) {
      fixture.time.awaitParked(3); // the failed feed is one of them
      assertThat(waiting.isDone()).isFalse();
      int before = provider.calls.get();
      fixture.time.advance(Duration.ofSeconds(2));
      FakeTime.spinUntil(() -> provider.calls.get() > before);
    }

    assertThat(waiting.get(10, TimeUnit.SECONDS).status()).isEqualTo(404);
  }

  @Test
  void longPoll_isAnswered_whenTheServiceStops() throws Exception {
    provider.reply(UNFINISHED);
    Future<RawHttp> waiting = server.begin(GET + "&wait=30");
    fixture.time.awaitParked(2);
    fixture.feeds.stop();

    assertThat(waiting.get(10, TimeUnit.SECONDS).body()).isEqualTo("unfinished");
    assertThat(server.send(GET + "&wait=30").body()).as("no new wait").isEqualTo("unfinished");
  }

  @Test
  void longPoll_isAnsweredByWhatIsKnown_thoughACallIsUnderWay() throws Exception {
    provider.reply(UNFINISHED);
    Future<RawHttp> waiting = server.begin(GET + "&wait=5");
    fixture.time.awaitParked(2);
    var hanging = new CompletableFuture<TaskReply>();
    provider.reply(query -> hanging.join());
    fixture.time.advance(Duration.ofMillis(2210));
    FakeTime.spinUntil(() -> provider.calls.get() == 2);
    fixture.time.advance(Duration.ofSeconds(3));

    RawHttp answer = waiting.get(10, TimeUnit.SECONDS);
    assertThat(answer.body()).isEqualTo("unfinished");
    assertThat(answer.headers()).containsEntry("age", "5");
    hanging.complete(FINISHED);
  }

  @Test
  void longPoll_endsInTime_withTheStaleAnswer_whenTheProviderHangs() throws Exception {
    provider.reply(UNFINISHED);
    fixture.get(QUERY);
    fixture.time.advance(Duration.ofSeconds(30)); // no longer fresh, still usable
    var hanging = new CompletableFuture<TaskReply>();
    provider.reply(query -> hanging.join());
    Future<RawHttp> waiting = server.begin(GET + "&wait=1");
    fixture.time.awaitParked(1);
    fixture.time.advance(Duration.ofSeconds(1));

    RawHttp answer = waiting.get(10, TimeUnit.SECONDS);
    assertThat(answer.body()).isEqualTo("unfinished");
    assertThat(answer.headers().get("cache-status")).contains("hit; ttl=0");
    assertThat(answer.headers()).containsEntry("retry-after", "5");
    hanging.complete(FINISHED);
  }

  @Test
  void largeAnswerThatIsNoNews_isNotHeld_whileALongPollWaits() throws Exception {
    provider.reply(new Unfinished(new Body(new byte[100_000]), "queued"));
    Future<RawHttp> waiting = server.begin(GET + "&wait=30");
    fixture.time.awaitParked(2);
    assertThat(fixture.memory.held()).isZero();

    fixture.feeds.stop();
    assertThat(waiting.get(10, TimeUnit.SECONDS).body()).hasSize(100_000);
  }

  @Test
  void requestThatNobodyAnswers_isNotFound() throws Exception {
    WaitProperties properties =
        new WaitProperties(
            Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 2, 2, 50);
    var nobody =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            return false;
          }
        };
    AccessHandler access = AccessFixture.open(fixture.registry, fixture.time);
    CacheHitHandler hits = QueryFixture.cacheHits(fixture, properties, metrics);
    try (var empty =
        new HandlerServer(
            fixture.time, List.of(access, new VirtualThreadHandler(), hits, nobody))) {
      assertThat(empty.send(GET).status()).isEqualTo(404);
      assertThat(empty.send("GET /other").status()).isEqualTo(404);
    }
  }

  /** Compressing takes twice its length of the megabyte, of which the answer holds its length. */
  @ParameterizedTest
  @CsvSource({"300000, gzip", "400000,"})
  void largeAnswer_counts_whileALongPollSendsIt(int length, @Nullable String coding)
      throws Exception {
    provider.reply(new Finished(new Body(new byte[length]), "completed", null, null, null));

    RawHttp answer = server.send(GET + "&wait=5", "Accept-Encoding: gzip");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("content-encoding")).isEqualTo(coding);
  }

  /** {@code full} stands for the limit of concurrent misses. */
  @Test
  void queryThatMayNotCall_getsTheStaleAnswer_orNone() throws Exception {
    WaitProperties properties =
        new WaitProperties(
            Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 2, 2, 50);
    CacheHitHandler hits = QueryFixture.cacheHits(fixture, properties, metrics);
    List<Boolean> answered = new CopyOnWriteArrayList<>();
    var full =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            answered.add(hits.answerWithoutCall(request, response, callback));
            return answered.getLast() || super.handle(request, response, callback);
          }
        };
    AccessHandler access = AccessFixture.open(fixture.registry, fixture.time);
    try (var busy = new HandlerServer(fixture.time, List.of(access, hits, full))) {
      assertThat(busy.send(GET).status()).isEqualTo(HandlerServer.PASSED_ON);
      assertThat(busy.send("GET /other").status()).isEqualTo(HandlerServer.PASSED_ON);
      provider.reply(UNFINISHED);
      fixture.get(QUERY);
      fixture.time.advance(Duration.ofSeconds(3));

      RawHttp stale = busy.send(GET);
      assertThat(stale.status()).isEqualTo(200);
      assertThat(stale.body()).isEqualTo("unfinished");
      assertThat(stale.headers()).containsEntry("age", "3").containsEntry("retry-after", "5");
      FakeTime.spinUntil(() -> answered.size() == 3); // just after the answer was sent
      assertThat(answered).containsExactly(false, false, true);
      assertThat(provider.calls).hasValue(1);
    }
  }

  @Test
  void subscribers_areBounded() throws Exception {
    provider.reply(UNFINISHED);
    Future<RawHttp> first = server.begin(GET + "&wait=30");
    Future<RawHttp> second = server.begin(GET + "&wait=30");
    fixture.time.awaitParked(3);
    assertThat(waiters("wait")).isEqualTo(2);

    RawHttp refused = server.send(GET + "&wait=30");
    RawHttp refusedStream = server.send(GET, "Accept: text/event-stream");

    assertThat(List.of(refused.status(), refusedStream.status())).containsOnly(503);
    assertThat(refused.headers()).containsEntry("retry-after", "5");
    provider.reply(FINISHED);
    fixture.time.advance(Duration.ofMillis(2210));
    first.get(10, TimeUnit.SECONDS);
    second.get(10, TimeUnit.SECONDS);
    FakeTime.spinUntil(() -> waiters("wait") == 0);
    assertThat(server.send(GET + "&wait=30").status()).isEqualTo(200);
  }

  @Test
  void subscribers_areBoundedForEachClient_andARefusedOneCostsNothing() throws Exception {
    provider.reply(UNFINISHED);
    try (HandlerServer strict =
        serve(
            AccessFixture.forOne(null, 1, 3, fixture.registry, fixture.time),
            new WaitProperties(
                Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 10, 1, 50))) {
      Future<RawHttp> first = strict.begin(GET + "&wait=30", "Authorization: Bearer right");
      fixture.time.awaitParked(2);
      for (int i = 0; i < 5; i++) {
        assertThat(strict.send(GET + "&wait=30", "Authorization: Bearer right").status())
            .as("refused for another reason than the rate")
            .isEqualTo(503);
      }
      fixture.feeds.stop();
      assertThat(first.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
  }

  @Test
  void client_maySeeOnlyItsModels_andPaysForAMiss() throws Exception {
    try (HandlerServer strict =
        serve(
            AccessFixture.forOne(List.of("veo3"), 1, 2, fixture.registry, fixture.time),
            new WaitProperties(
                Duration.ofSeconds(60), Duration.ofSeconds(8), Duration.ofHours(1), 10, 10, 50))) {
      String key = "Authorization: Bearer right";
      assertThat(strict.send("GET /v1/video/query?id=sora-2:a", key).status()).isEqualTo(403);
      assertThat(strict.send(GET, key).status()).isEqualTo(HandlerServer.PASSED_ON);
      RawHttp refused = strict.send(GET, key);

      assertThat(refused.status()).as("0.1 + 1 of 2 are spent").isEqualTo(429);
      assertThat(refused.headers()).containsKey("ratelimit");
    }
  }

  @Test
  void largeBody_countsAsBeingWritten_whileAStreamSendsIt() throws Exception {
    provider.reply(
        new Finished(
            new Body("x".repeat(100_000).getBytes(StandardCharsets.UTF_8)),
            "completed",
            null,
            null,
            null));

    assertThat(server.send(GET, "Accept: text/event-stream").body()).hasSizeGreaterThan(100_000);
    FakeTime.spinUntil(() -> fixture.memory.held() == 0);
  }

  @Test
  void stoppingService_answersAStreamByACall() throws Exception {
    provider.reply(FINISHED);
    fixture.feeds.stop();

    assertThat(server.send(GET, "Accept: text/event-stream").body()).contains("event: end");
  }

  @Test
  void eventStream_endsWithTheTask() throws Exception {
    provider.reply(FINISHED);

    RawHttp stream = server.send(GET, "Accept: text/event-stream");

    assertThat(stream.headers()).containsEntry("content-type", "text/event-stream");
    assertThat(stream.body()).contains("data: finished", "event: end");
    awaitQueries("watch", "miss", 1);
  }

  @Test
  void endedTask_isNoContent_whenTheCallerHasSeenItsEnd() throws Exception {
    provider.reply(FINISHED);

    RawHttp stream =
        server.send(GET, "Accept: text/event-stream", "Last-Event-ID: " + FINISHED.body().tag());

    assertThat(stream.status()).isEqualTo(204);
    awaitQueries("watch", "miss", 1);
    FakeTime.spinUntil(() -> fixture.registry.get("gateway.feeds").gauge().value() == 0);
  }

  /** Proxies cut a request that is silent for a minute. */
  @Test
  void stream_begins_after1Second_whateverTheProviderDoes() throws Exception {
    var reply = new CompletableFuture<TaskReply>();
    provider.reply(query -> reply.join());
    Future<RawHttp> stream = server.begin(GET, "Accept: text/event-stream");
    fixture.time.awaitParked(1);
    fixture.time.advance(Duration.ofSeconds(1));
    fixture.time.awaitParked(1);
    fixture.time.advance(Duration.ofSeconds(8));
    fixture.time.awaitParked(1);
    reply.complete(FINISHED);

    RawHttp answer = stream.get(10, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body())
        .startsWith(":\n:\nevent: status\n")
        .endsWith("event: end\nid: " + FINISHED.body().tag() + "\ndata: finished\n\n");
    awaitQueries("watch", "miss", 1);
  }

  @Test
  void failureAfterTheFirstSecond_isToldInTheStream() throws Exception {
    var first = new CompletableFuture<TaskReply>();
    provider.reply(query -> first.join());
    Future<RawHttp> stream = server.begin(GET, "Accept: text/event-stream");
    fixture.time.awaitParked(1);
    fixture.time.advance(Duration.ofSeconds(1));
    fixture.time.awaitParked(1);
    first.complete(DOWN);
    fixture.time.awaitParked(2);
    provider.reply(FINISHED);
    fixture.time.advance(Duration.ofSeconds(5));

    assertThat(stream.get(10, TimeUnit.SECONDS).body())
        .startsWith(":\nevent: problem\n")
        .contains("\"code\":\"upstream-error\"", "event: status\n")
        .endsWith("event: end\nid: " + FINISHED.body().tag() + "\ndata: finished\n\n");
  }

  @Test
  void unknownTask_endsTheStream_andIsNotAskedForAgain() throws Exception {
    provider.reply(new NotFound());
    Future<RawHttp> stream = server.begin(GET, "Accept: text/event-stream");
    for (int calls = 1; calls < 3; calls++) {
      fixture.time.awaitParked(2);
      fixture.time.advance(Duration.ofMillis(2210));
    }

    RawHttp answer = stream.get(10, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"code\":\"task-not-found\"")
        .endsWith("event: end\nid: not-found\ndata: not-found\n\n");
    int calls = provider.calls.get();
    assertThat(server.send(GET, "Accept: text/event-stream", "Last-Event-ID: not-found").status())
        .isEqualTo(204);
    assertThat(provider.calls).hasValue(calls);
  }

  @Test
  void failure_isAProblem_andNoStream() throws Exception {
    provider.reply(DOWN);

    RawHttp stream = server.send(GET, "Accept: text/event-stream");

    assertThat(stream.status()).isEqualTo(502);
    assertThat(stream.headers()).containsEntry("content-type", "application/problem+json");
    awaitQueries("watch", "error", 1);
  }

  private double waiters(String kind) {
    return fixture.registry.get("gateway.waiters").tag("kind", kind).gauge().value();
  }

  /** A query is counted when its answer has been written. */
  private void awaitQueries(String mode, String result, long count) {
    FakeTime.spinUntil(
        () ->
            fixture
                    .registry
                    .find("gateway.queries")
                    .tags("mode", mode, "result", result)
                    .timers()
                    .stream()
                    .mapToLong(Timer::count)
                    .sum()
                == count);
  }
}
