package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which events tell of a task: {@code status} for each change, {@code expected} when its end can be
 * guessed, {@code problem} while the provider fails, and {@code end} once.
 */
final class TaskEventStream {
  private final TaskQuery query;
  private final Forecast forecast;
  private final BodyMemory memory;
  private final EventStream events;

  private @Nullable String toldTag;
  private @Nullable Instant toldExpected;
  private @Nullable ProblemCode toldProblem;

  /**
   * @param lastEventId the last event that the caller saw: the tag of a body
   */
  TaskEventStream(
      TaskQuery query,
      @Nullable String lastEventId,
      Forecast forecast,
      BodyMemory memory,
      EventStream events) {
    this.query = query;
    this.toldTag = lastEventId;
    this.forecast = forecast;
    this.memory = memory;
    this.events = events;
  }

  /**
   * Sends the events that the answer makes necessary.
   *
   * @return whether it was the last answer to tell
   */
  boolean tell(Answer answer) throws IOException {
    TaskReply reply = answer.entry().reply();
    if (!(reply instanceof Known known)) {
      tellProblem(ProviderProblems.of(reply));
      return reply instanceof NotFound;
    }
    toldProblem = null;
    tellStatus(known);
    if (known.isTerminal()) {
      events.event("end", bytes(known instanceof Finished ? "finished" : "failed"));
      return true;
    }
    tellExpected(answer);
    return false;
  }

  private void tellStatus(Known known) throws IOException {
    String tag = known.body().tag();
    if (tag.equals(toldTag)) {
      return;
    }
    toldTag = tag;
    memory.beginWriting(known.body());
    try {
      events.event("status", tag, known.body().utf8());
    } finally {
      memory.endWriting(known.body());
    }
  }

  private void tellExpected(Answer answer) throws IOException {
    Instant expected = forecast.expectedAt(query, answer.entry()).orElse(null);
    if (expected != null && !expected.equals(toldExpected)) {
      toldExpected = expected;
      events.event("expected", bytes("{\"expectedAt\":\"" + expected + "\"}"));
    }
  }

  /** Once for as long as it lasts; the status is told anew when it is over. */
  private void tellProblem(Problem problem) throws IOException {
    if (problem.code() != toldProblem) {
      toldProblem = problem.code();
      toldTag = null;
      events.event("problem", problem.document(events.requestId()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
