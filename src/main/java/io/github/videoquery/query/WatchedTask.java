package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.query.Question.Watch;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A task as told to one who watches it: {@code status} for each change, {@code expected} when its
 * end can be guessed, {@code problem} while the provider fails, and {@code end} once.
 */
final class WatchedTask {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  private final Question question;
  private final Watch watch;
  private final TaskCache tasks;
  private final ReplyRenderer renderer;
  private final QueryMetrics metrics;
  private final Subscribers waiters;
  private final BodyMemory memory;
  private final long heartbeatNanos;
  private final Following following;

  private @Nullable String toldTag;
  private @Nullable Instant toldExpected;
  private @Nullable ProblemCode toldProblem;

  WatchedTask(
      Question question,
      Watch watch,
      TaskCache tasks,
      ReplyRenderer renderer,
      QueryMetrics metrics,
      Subscribers waiters,
      BodyMemory memory,
      Duration heartbeat) {
    this.question = question;
    this.watch = watch;
    this.tasks = tasks;
    this.renderer = renderer;
    this.metrics = metrics;
    this.waiters = waiters;
    this.memory = memory;
    this.heartbeatNanos = heartbeat.toNanos();
    this.following = new Following(question.query(), tasks);
    this.toldTag = watch.lastEventId();
  }

  /** Tells until the task ends, the caller goes or the service stops. */
  void tell(Request request, Response response, Callback callback) {
    long start = System.nanoTime();
    Answer answer = firstBelieved();
    if (!(answer.snapshot().reply() instanceof Known known)) {
      renderer.render(question, answer, start, request, response, callback);
      return;
    }
    try {
      if (known.isTerminal() && known.body().tag().equals(toldTag)) {
        response.setStatus(HttpStatus.NO_CONTENT_204); // an EventSource does not come again
      } else {
        tell(answer, new EventStream(response));
      }
      callback.succeeded();
    } catch (IOException gone) {
      callback.failed(gone);
    } finally {
      metrics.answered(watch, answer, System.nanoTime() - start);
    }
  }

  private Answer firstBelieved() {
    while (!waiters.mustEnd()) {
      Answer answer = following.next();
      if (answer != null && following.isBelieved()) {
        return answer;
      }
      waiters.pause(answer == null ? 0 : following.pauseNanos());
    }
    return tasks.latest(question.query());
  }

  private void tell(Answer first, EventStream stream) throws IOException {
    stream.begin();
    boolean ended = tellNews(first, stream);
    long heartbeat = System.nanoTime() + heartbeatNanos;
    long due = System.nanoTime() + following.pauseNanos();
    while (!ended) {
      long now = System.nanoTime();
      if (waiters.mustEnd()) {
        long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
        stream.retry(RECONNECT_AFTER_MILLIS + spread);
        return;
      } else if (heartbeat - now <= 0) {
        stream.comment();
        heartbeat += heartbeatNanos;
      } else if (due - now > 0) {
        waiters.pause(Math.min(due - now, heartbeat - now));
      } else {
        Answer answer = following.next();
        if (answer != null) {
          due = System.nanoTime() + following.pauseNanos();
          ended = following.isBelieved() && tellNews(answer, stream);
        }
      }
    }
  }

  /** Returns whether there is nothing more to tell. */
  private boolean tellNews(Answer answer, EventStream stream) throws IOException {
    TaskReply reply = answer.snapshot().reply();
    if (!(reply instanceof Known known)) {
      tellProblem(ProviderProblems.of(reply), stream);
      return reply instanceof NotFound;
    }
    toldProblem = null;
    if (!known.body().tag().equals(toldTag)) {
      toldTag = known.body().tag();
      memory.beginWriting(known.body());
      try {
        stream.event("status", toldTag, known.body().utf8());
      } finally {
        memory.endWriting(known.body());
      }
    }
    if (known.isTerminal()) {
      stream.event("end", bytes(known instanceof Finished ? "finished" : "failed"));
      return true;
    }
    tellExpected(answer, stream);
    return false;
  }

  private void tellExpected(Answer answer, EventStream stream) throws IOException {
    Instant expected = tasks.expectedAt(question.query(), answer.snapshot()).orElse(null);
    if (expected != null && !expected.equals(toldExpected)) {
      toldExpected = expected;
      stream.event("expected", bytes("{\"expectedAt\":\"" + expected + "\"}"));
    }
  }

  /** Once for as long as it lasts; the status is told anew when it is over. */
  private void tellProblem(Problem problem, EventStream stream) throws IOException {
    if (problem.code() != toldProblem) {
      toldProblem = problem.code();
      toldTag = null;
      stream.event("problem", problem.document(stream.requestId()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
