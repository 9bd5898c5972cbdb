package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.query.QueryMetrics.Outcome;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The events about a task: {@code status} for each news, {@code expected} when its end can be
 * estimated, {@code problem} while the provider fails, and {@code end} once. It keeps no answer:
 * that could be one of megabytes.
 */
final class TaskEventStream {
  private final TaskQuery query;
  private final Forecast forecast;
  private final BodyMemory memory;
  private final TaskEvents events;

  private SentState sent;
  private @Nullable String tag;
  private @Nullable Outcome outcome;

  /**
   * @param sent by an earlier stream to this client
   */
  TaskEventStream(
      TaskQuery query, SentState sent, Forecast forecast, BodyMemory memory, TaskEvents events) {
    this.query = query;
    this.sent = sent;
    this.forecast = forecast;
    this.memory = memory;
    this.events = events;
  }

  TaskQuery query() {
    return query;
  }

  /** What was sent to the client so far. */
  SentState sent() {
    return sent;
  }

  /** How the first answer came about; null if there was none. */
  @Nullable Outcome outcome() {
    return outcome;
  }

  /** Whether {@link #send} may have events of the answer to send. */
  boolean hasEventsFor(Answer answer) {
    return !(answer.entry().reply() instanceof Unfinished unfinished)
        || answer.entry().isEnded()
        || answer.failure() != null
        || !unfinished.body().news().equals(sent.news())
        || newlyExpected(answer) != null;
  }

  /**
   * Sends the events that the answer makes necessary.
   *
   * @return whether this was the last answer
   */
  boolean send(Answer answer) throws IOException {
    outcome = outcome == null ? Outcome.of(answer) : outcome;
    TaskReply reply = answer.entry().reply();
    if (!(reply instanceof Known known)) {
      sendProblem(ProviderProblems.of(reply));
      return reply instanceof NotFound && sendEnd(LastEventId.NOT_FOUND, LastEventId.NOT_FOUND);
    }
    if (answer.entry().isEnded()) {
      sendStatus(known);
      return sendEnd(known instanceof Failed ? "failed" : "finished", LastEventId.ofEnd(known));
    }
    TaskReply failure = answer.failure();
    if (failure != null && !(failure instanceof NotFound)) { // which is no proof
      if (sent.problem() == null) {
        sendStatus(known);
      }
      sendProblem(ProviderProblems.of(failure));
      return false;
    }
    sent = sent.noProblem();
    sendStatus(known);
    sendExpected(answer);
    return false;
  }

  /** Sends the problem of a task that the client may not read. */
  void refuse(Problem refusal) throws IOException {
    sendProblem(refusal);
  }

  /** A task that the provider does not know: with the id of this event a client gets 204. */
  private boolean sendEnd(String how, String lastEventId) throws IOException {
    sent = SentState.OVER;
    events.end(how, lastEventId);
    return true;
  }

  private void sendStatus(Known known) throws IOException {
    tag = known.body().tag();
    String news = known.body().news();
    if (news.equals(sent.news())) {
      return;
    }
    sent = sent.status(news);
    try (HeldBodies held = memory.holder()) {
      held.add(known);
      events.status(known);
    }
  }

  /** The end that is expected now; null if it cannot be estimated, or was sent. */
  private @Nullable Instant newlyExpected(Answer answer) {
    return forecast
        .expectedAt(query, answer.entry())
        .filter(expected -> !expected.equals(sent.expected()))
        .orElse(null);
  }

  private void sendExpected(Answer answer) throws IOException {
    Instant expected = newlyExpected(answer);
    if (expected != null && tag != null) {
      sent = sent.expected(expected);
      events.expected(expected, tag);
    }
  }

  /** Sent once while the problem lasts; afterwards the status is sent again. */
  private void sendProblem(Problem problem) throws IOException {
    if (problem.code() != sent.problem()) {
      sent = sent.problem(problem.code());
      events.problem(problem, tag);
    }
  }
}
