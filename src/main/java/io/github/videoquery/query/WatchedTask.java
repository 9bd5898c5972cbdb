package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.query.Question.Watch;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
  private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  private final Question question;
  private final Watch watch;
  private final Tasks tasks;
  private final ReplyRenderer renderer;
  private final QueryMetrics metrics;
  private final Waiters waiters;
  private final Following following;

  private @Nullable String toldTag;
  private @Nullable Instant toldExpected;
  private @Nullable TaskReply toldProblem;

  WatchedTask(
      Question question,
      Watch watch,
      Tasks tasks,
      ReplyRenderer renderer,
      QueryMetrics metrics,
      Waiters waiters) {
    this.question = question;
    this.watch = watch;
    this.tasks = tasks;
    this.renderer = renderer;
    this.metrics = metrics;
    this.waiters = waiters;
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
    Answer answer = following.next();
    while (!following.isBelieved() && !waiters.mustEnd()) {
      waiters.pause(following.pauseNanos());
      answer = following.next();
    }
    return answer;
  }

  private void tell(Answer first, EventStream stream) throws IOException {
    stream.begin();
    tellNews(first, stream);
    Answer answer = first;
    long heartbeat = System.nanoTime() + HEARTBEAT_NANOS;
    while (!answer.snapshot().reply().isTerminal()) {
      heartbeat = pause(heartbeat, stream);
      if (waiters.mustEnd()) {
        long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
        stream.retry(RECONNECT_AFTER_MILLIS + spread);
        return;
      }
      answer = following.next();
      if (following.isBelieved()) {
        tellNews(answer, stream);
      }
    }
  }

  /** Returns when the next heartbeat is due, by {@link System#nanoTime()}. */
  private long pause(long nextHeartbeat, EventStream stream) throws IOException {
    long heartbeat = nextHeartbeat;
    long end = System.nanoTime() + following.pauseNanos();
    for (long now = System.nanoTime();
        end - now > 0 && !waiters.mustEnd();
        now = System.nanoTime()) {
      waiters.pause(Math.min(end - now, heartbeat - now));
      if (heartbeat - System.nanoTime() <= 0) {
        stream.heartbeat();
        heartbeat += HEARTBEAT_NANOS;
      }
    }
    return heartbeat;
  }

  private void tellNews(Answer answer, EventStream stream) throws IOException {
    TaskReply reply = answer.snapshot().reply();
    if (!(reply instanceof Known known)) {
      tellProblem(reply, stream);
      return;
    }
    toldProblem = null;
    if (!known.body().tag().equals(toldTag)) {
      toldTag = known.body().tag();
      stream.event("status", toldTag, known.body().bytes());
    }
    if (known.isTerminal()) {
      stream.event("end", bytes(known instanceof Finished ? "finished" : "failed"));
    } else {
      tellExpected(answer, stream);
    }
  }

  private void tellExpected(Answer answer, EventStream stream) throws IOException {
    Instant expected = tasks.expectedAt(question.query(), answer.snapshot()).orElse(null);
    if (expected != null && !expected.equals(toldExpected)) {
      toldExpected = expected;
      stream.event("expected", bytes("{\"expectedAt\":\"" + expected + "\"}"));
    }
  }

  /** Once for as long as it lasts: a stream outlives the provider's bad minutes. */
  private void tellProblem(TaskReply reply, EventStream stream) throws IOException {
    if (!reply.equals(toldProblem)) {
      toldProblem = reply;
      stream.event("problem", UpstreamProblems.of(reply).document(stream.requestId()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
