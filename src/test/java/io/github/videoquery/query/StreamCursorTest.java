package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamCursorTest {
  private static final TaskId ID = new TaskId("veo3:task_abc");
  private static final Instant END = Instant.parse("2026-11-27T16:00:00Z");
  private static final SentState STATUS = SentState.NOTHING.status("abcd-_12");

  private static StreamCursor read(String text) {
    return StreamCursor.of(
        LastEventId.of(text),
        Stream.of(ID, new TaskId("b"), new TaskId("c")).map(id -> new TaskQuery(id, "")).toList());
  }

  @Test
  void whatWasTold_isReadAgain() {
    for (SentState sent :
        new SentState[] {
          SentState.NOTHING,
          STATUS,
          STATUS.expected(END),
          STATUS.problem(ProblemCode.UPSTREAM_ERROR).expected(END),
          SentState.OVER
        }) {
      var cursor =
          new StreamCursor(
              new LinkedHashMap<>(
                  Map.of(
                      StreamCursor.key(ID),
                      sent,
                      StreamCursor.key(new TaskId("b")),
                      SentState.OVER)));

      StreamCursor again = read(cursor.toString());
      assertThat(again.sent(ID)).isEqualTo(sent);
      assertThat(again.sent(new TaskId("b"))).isEqualTo(SentState.OVER);
      assertThat(again.sent(new TaskId("c"))).isEqualTo(SentState.NOTHING);
    }
  }

  @ParameterizedTest
  @EnumSource(ProblemCode.class)
  void eachProblem_isReadAgain(ProblemCode code) {
    var cursor = new StreamCursor(Map.of(StreamCursor.key(ID), STATUS.problem(code)));

    assertThat(read(cursor.toString()).sent(ID)).isEqualTo(SentState.NOTHING.problem(code));
  }

  /** A request's head has 16 KB, for ids and cursor. */
  @Test
  void fiftyTasks_areFewCharacters_ofAHeaderField() {
    Map<String, SentState> tasks = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      tasks.put(
          StreamCursor.key(new TaskId("veo3:" + i)),
          new SentState("abcd-_12", END, ProblemCode.UPSTREAM_TIMEOUT, false));
    }

    assertThat(tasks).hasSize(50);
    assertThat(new StreamCursor(tasks).toString()).hasSizeLessThan(2400).matches("[\\w.-]+");
  }

  /** A cursor is kept as long as its stream: it holds nothing that was not asked for. */
  @Test
  void otherTasks_areLeftOut() {
    assertThat(read("m.abcdefgho." + StreamCursor.key(ID) + "o.hgfedcban12345678").tasks())
        .containsOnlyKeys(StreamCursor.key(ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not-found",
        "AbCdEfGhIjKlMnOp.QrStUvWx",
        "m.",
        "m.short",
        "m.......",
        "m.abcdefghn",
        "m.abcdefghe123456789012",
        "m.abcdefghpz",
        "m.abcdefghx",
        "x.abcdefgho",
      })
  void anythingElse_tellsNothing(String text) {
    assertThat(read(text).tasks().values()).allMatch(SentState.NOTHING::equals);
  }
}
