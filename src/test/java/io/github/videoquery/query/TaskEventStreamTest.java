package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FAILED;
import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.NOW;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static io.github.videoquery.support.FakeProvider.DOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.support.FakeResponse;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskEventStreamTest {
  private final CacheFixture fixture = new CacheFixture();
  private final FakeResponse response = new FakeResponse();
  private final TaskEventStream task = task(null);

  private TaskEventStream task(@Nullable String lastEventId) {
    response.fields.put("X-Request-Id", "abc");
    return new TaskEventStream(
        QUERY,
        new SentState(LastEventId.of(lastEventId).news(), null, null, false),
        fixture.forecast,
        fixture.memory,
        new SoleTaskEvents(new EventStream(response.response())));
  }

  @Test
  void status_isTold_onceForEachChange() throws Exception {
    assertThat(send(UNFINISHED)).isFalse();
    assertThat(response.take())
        .isEqualTo("event: status\nid: " + UNFINISHED.body().tag() + "\ndata: unfinished\n\n");
    assertThat(send(UNFINISHED)).isFalse();
    assertThat(response.take()).isEmpty();

    send(new Unfinished(body("more"), "queued"));
    assertThat(response.take()).contains("data: more");
  }

  @Test
  void status_isNotTold_whenTheAnswerDiffers_butIsNoNews() throws Exception {
    for (String bytes : List.of("first", "second")) {
      send(
          new Unfinished(
              new Body(bytes.getBytes(StandardCharsets.UTF_8), null, "queued"), "queued"));
    }

    assertThat(response.take()).contains("data: first").doesNotContain("second");
  }

  @Test
  void end_isTold_onceTheTaskHasEnded() throws Exception {
    assertThat(send(FINISHED)).isTrue();
    assertThat(response.take())
        .endsWith("event: end\nid: " + FINISHED.body().tag() + "\ndata: finished\n\n");

    assertThat(task(null).send(answer(FAILED))).isTrue();
    assertThat(response.take())
        .contains("data: failed")
        .endsWith("event: end\nid: " + FAILED.body().tag() + "\ndata: failed\n\n");
  }

  /** Clients send back an id as an entity tag, too, and proxies add the name of a coding to it. */
  @ParameterizedTest
  @ValueSource(strings = {"%s", "\"%s\"", "W/\"%s\"", " %s ", "%s-gzip", "W/\"%s-br\""})
  void statusThatTheCallerHasSeen_isNotToldAgain(String id) throws Exception {
    task(String.format(Locale.ROOT, id, UNFINISHED.body().tag())).send(answer(UNFINISHED));

    assertThat(response.take()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "\"%s\"", "W/\"%s-gzip\"", "%s;gzip"})
  void endThatTheCallerHasSeen_isRecognized(String id) {
    String seen = String.format(Locale.ROOT, id, FINISHED.body().tag());

    assertThat(LastEventId.of(seen).isEndOf(answer(FINISHED))).isTrue();
    assertThat(LastEventId.of(seen).isEndOf(answer(FAILED))).isFalse();
    assertThat(LastEventId.NONE.isEndOf(answer(FINISHED))).isFalse();
  }

  @Test
  void problem_isToldOnce_forAsLongAsItLasts_andTheStatusAnewAfterwards() throws Exception {
    send(UNFINISHED);
    response.take();
    assertThat(send(DOWN)).isFalse();
    assertThat(response.take())
        .startsWith("event: problem\nid: " + UNFINISHED.body().tag() + "\ndata: {")
        .contains("\"code\":\"upstream-error\"", "\"requestId\":\"abc\"");
    send(DOWN);
    assertThat(response.take()).as("it lasts").isEmpty();

    send(UNFINISHED);
    assertThat(response.take()).as("sent anew").startsWith("event: status");

    send(DOWN);
    assertThat(response.take()).as("a second outage").startsWith("event: problem");
    send(new Refused(Refusal.OVERLOADED, 503, null));
    assertThat(response.take()).as("another problem").contains("upstream-overloaded");
  }

  @Test
  void unknownTask_endsTheStream() throws Exception {
    assertThat(send(new NotFound())).isTrue();
    assertThat(response.take())
        .startsWith("event: problem\n")
        .contains("\"code\":\"task-not-found\"")
        .endsWith("event: end\nid: not-found\ndata: not-found\n\n");
  }

  @Test
  void callThatFails_isAProblem_thoughThereIsAStaleAnswer() throws Exception {
    send(UNFINISHED);
    response.take();
    assertThat(task.send(stale(UNFINISHED))).isFalse();
    assertThat(response.take())
        .startsWith("event: problem\nid: " + UNFINISHED.body().tag() + "\ndata: {")
        .contains("\"code\":\"upstream-error\"");
    task.send(stale(UNFINISHED));
    assertThat(response.take()).as("it lasts").isEmpty();

    send(UNFINISHED);
    assertThat(response.take()).as("it is over").startsWith("event: status");
  }

  @Test
  void streamThatBeginsWhileCallsFail_getsTheStaleAnswerFirst() throws Exception {
    task.send(stale(UNFINISHED));

    assertThat(response.take()).startsWith("event: status\n").contains("event: problem\n");
  }

  @Test
  void endedTask_hasNoProblem_whenItsRefreshFails() throws Exception {
    assertThat(task.send(stale(FINISHED))).isTrue();

    assertThat(response.take()).doesNotContain("problem").contains("data: finished");
  }

  private Answer stale(TaskReply reply) {
    return fixture.answer(reply, Answer.Source.STALE, Duration.ofSeconds(5));
  }

  @Test
  void expectedEnd_isToldOnce_andAgainWhenItChanges() throws Exception {
    send(UNFINISHED);
    assertThat(response.take()).doesNotContain("expected");
    endsAfter(Duration.ofSeconds(100));
    send(UNFINISHED);
    assertThat(response.take())
        .isEqualTo(
            "event: expected\nid: "
                + UNFINISHED.body().tag()
                + "\ndata: {\"expectedAt\":\"2026-02-06T12:01:40Z\"}\n\n");
    send(UNFINISHED);
    assertThat(response.take()).isEmpty();

    endsAfter(Duration.ofSeconds(200));
    send(UNFINISHED);
    assertThat(response.take()).contains("2026-02-06T12:03:20Z");
  }

  @Test
  void answer_hasEvents_whereItTellsSomethingNew() throws Exception {
    assertThat(task.hasEventsFor(answer(UNFINISHED))).isTrue();
    send(UNFINISHED);

    assertThat(task.hasEventsFor(answer(UNFINISHED))).isFalse();
    assertThat(task.hasEventsFor(answer(new Unfinished(body("more"), "queued")))).isTrue();
    assertThat(task.hasEventsFor(stale(UNFINISHED))).as("its call failed").isTrue();
    assertThat(task.hasEventsFor(answer(FINISHED))).isTrue();
    assertThat(task.hasEventsFor(answer(DOWN))).isTrue();
    endsAfter(Duration.ofSeconds(100));
    assertThat(task.hasEventsFor(answer(UNFINISHED))).as("its end is expected").isTrue();
    send(UNFINISHED);
    assertThat(task.hasEventsFor(answer(UNFINISHED))).isFalse();
  }

  @Test
  void settledTask_hasAnEnd_thoughItsStatusWasTold() throws Exception {
    fixture.provider.reply(new Unfinished(body("no link"), "completed", true, null));
    send(fixture.get(QUERY).entry().reply());
    fixture.time.advance(Duration.ofMinutes(3));
    Answer settled = fixture.get(QUERY);

    assertThat(settled.entry().isEnded()).isTrue();
    assertThat(task.hasEventsFor(settled)).isTrue();
  }

  @Test
  void largeBody_counts_whileItIsWritten() throws Exception {
    Callback stall = response.stall();
    var writing = new FutureTask<>(() -> send(new Unfinished(body("x".repeat(100_000)), "queued")));
    Thread.ofVirtual().start(writing);

    FakeTime.spinUntil(() -> response.writes() == 1);
    assertThat(fixture.memory.held()).isEqualTo(Body.heldBytes(100_000));
    stall.succeeded();
    assertThat(writing.get(10, TimeUnit.SECONDS)).isFalse();
    assertThat(fixture.memory.held()).isZero();
  }

  /** Another task of the model ends. */
  private void endsAfter(Duration duration) {
    fixture.provider.reply(
        query -> new Finished(body("x"), "completed", NOW.minus(duration), NOW, null));
    for (int i = 0; i < 2; i++) {
      fixture.get(new TaskQuery(new TaskId("veo3:other" + duration + i), ""));
    }
  }

  private boolean send(TaskReply reply) throws IOException {
    return task.send(answer(reply));
  }

  private Answer answer(TaskReply reply) {
    return fixture.answer(reply);
  }
}
