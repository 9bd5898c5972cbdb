package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.Body;
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
  /** The id and the data of the event that ends the stream of an unknown task. */
  private static final String NOT_FOUND = "not-found";

  private static final String SETTLED = "-settled";

  private final TaskQuery query;
  private final Forecast forecast;
  private final BodyMemory memory;
  private final EventStream events;

  private @Nullable Answer first;
  private @Nullable String sentNews;
  private @Nullable String sentTag;
  private @Nullable Instant sentExpected;
  private @Nullable ProblemCode sentProblem;

  /** {@code lastEventId} is the last event that the caller saw: the tag of a body. */
  TaskEventStream(
      TaskQuery query,
      @Nullable String lastEventId,
      Forecast forecast,
      BodyMemory memory,
      EventStream events) {
    this.query = query;
    this.sentNews = newsOf(lastEventId);
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

  /** A settled task's status was told before it had ended, so its end has an id of its own. */
  private void sendEnd(Known known) throws IOException {
    String id = known.isTerminal() ? known.body().tag() : known.body().tag() + SETTLED;
    events.event("end", id, bytes(known instanceof Failed ? "failed" : "finished"));
  }

  /** Whether a client whose last event was this one has received the end of the task. */
  static boolean isSeen(Answer answer, @Nullable String lastEventId) {
    if (!answer.entry().isEnded() || !(answer.entry().reply() instanceof Known known)) {
      return false;
    }
    String tag = unquoted(lastEventId);
    return known.body().news().equals(Body.newsOf(tag))
        && (known.isTerminal() || tag.startsWith(SETTLED, Body.TAG_LENGTH));
  }

  /** Whether the client was told that there is no such task. */
  static boolean isNotFound(@Nullable String lastEventId) {
    return unquoted(lastEventId).equals(NOT_FOUND);
  }

  /** The tag in an entity tag: some clients send back {@code ETag} as it came. */
  private static String unquoted(@Nullable String id) {
    String tag = id == null ? "" : id.strip();
    tag = tag.startsWith("W/") ? tag.substring(2) : tag;
    return tag.replace("\"", "");
  }

  private static @Nullable String newsOf(@Nullable String lastEventId) {
    return Body.newsOf(unquoted(lastEventId));
  }

  /** The first answer that was told; null if there was none. */
  @Nullable Answer first() {
    return first;
  }

  /** A task that the provider does not know: with the id of this event a client gets 204. */
  private boolean sendFailure(TaskReply reply) throws IOException {
    sendProblem(ProviderProblems.of(reply));
    if (reply instanceof NotFound) {
      events.event("end", NOT_FOUND, bytes(NOT_FOUND));
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
