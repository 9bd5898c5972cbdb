package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The events of a task: {@code status} for each news, {@code expected} when its end can be
 * estimated, {@code problem} while the provider fails, and {@code end} once.
 */
final class TaskEventStream {
  private final TaskQuery query;
  private final Forecast forecast;
  private final BodyMemory memory;
  private final EventStream events;

  private @Nullable Answer first;
  private @Nullable String sentNews;
  private @Nullable String sentTag;
  private @Nullable Instant sentExpected;
  private @Nullable ProblemCode sentProblem;

  TaskEventStream(
      TaskQuery query,
      LastEventId lastEventId,
      Forecast forecast,
      BodyMemory memory,
      EventStream events) {
    this.query = query;
    this.sentNews = lastEventId.news();
    this.forecast = forecast;
    this.memory = memory;
    this.events = events;
  }

  /**
   * Sends the events that the answer makes necessary.
   *
   * @return whether this was the last answer
   */
  boolean tell(Answer answer) throws IOException {
    first = first == null ? answer : first;
    TaskReply reply = answer.entry().reply();
    if (!(reply instanceof Known known)) {
      return sendFailure(reply);
    }
    if (answer.entry().isEnded()) {
      sendStatus(known);
      sendEnd(known);
      return true;
    }
    TaskReply failure = answer.failure();
    if (failure != null && !(failure instanceof NotFound)) { // which is no proof
      if (sentProblem == null) {
        sendStatus(known);
      }
      sendProblem(ProviderProblems.of(failure));
      return false;
    }
    sentProblem = null;
    sendStatus(known);
    sendExpected(answer);
    return false;
  }

  private void sendEnd(Known known) throws IOException {
    events.event(
        "end", LastEventId.ofEnd(known), bytes(known instanceof Failed ? "failed" : "finished"));
  }

  /** The first answer that was told; null if there was none. */
  @Nullable Answer first() {
    return first;
  }

  /** A task that the provider does not know: with the id of this event a client gets 204. */
  private boolean sendFailure(TaskReply reply) throws IOException {
    sendProblem(ProviderProblems.of(reply));
    if (reply instanceof NotFound) {
      events.event("end", LastEventId.NOT_FOUND, bytes(LastEventId.NOT_FOUND));
      return true;
    }
    return false;
  }

  private void sendStatus(Known known) throws IOException {
    sentTag = known.body().tag();
    String news = known.body().news();
    if (news.equals(sentNews)) {
      return;
    }
    sentNews = news;
    memory.beginWriting(known.body());
    try {
      events.event("status", sentTag, known.body().utf8());
    } finally {
      memory.endWriting(known.body());
    }
  }

  private void sendExpected(Answer answer) throws IOException {
    Instant expected = forecast.expectedAt(query, answer.entry()).orElse(null);
    if (expected != null && !expected.equals(sentExpected)) {
      sentExpected = expected;
      events.event("expected", sentTag, bytes("{\"expectedAt\":\"" + expected + "\"}"));
    }
  }

  /** Sent once while the problem lasts; afterwards the status is sent again. */
  private void sendProblem(Problem problem) throws IOException {
    if (problem.code() != sentProblem) {
      sentProblem = problem.code();
      sentNews = null;
      events.event("problem", sentTag, problem.document(events.request()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
