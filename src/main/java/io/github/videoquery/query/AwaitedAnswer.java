package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.query.Question.Wait;
import io.github.videoquery.task.TaskReply.Unfinished;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The answer to one who waits: given as soon as the task has ended, or differs from what the caller
 * has, or with what is known when its patience ends.
 */
final class AwaitedAnswer {
  private final Question question;
  private final Wait wait;
  private final TaskCache tasks;
  private final ReplyRenderer renderer;
  private final Subscribers waiters;

  AwaitedAnswer(
      Question question, Wait wait, TaskCache tasks, ReplyRenderer renderer, Subscribers waiters) {
    this.question = question;
    this.wait = wait;
    this.tasks = tasks;
    this.renderer = renderer;
    this.waiters = waiters;
  }

  void give(Request request, Response response, Callback callback) {
    long start = System.nanoTime();
    Answer answer = await(request.getHeaders(), start + wait.patience().toNanos());
    if (wait.preferred()) {
      response.getHeaders().add("Preference-Applied", "wait=" + wait.patience().toSeconds());
    }
    renderer.render(question, answer, start, request, response, callback);
  }

  private Answer await(HttpFields request, long deadline) {
    var following = new Following(question.query(), tasks);
    Answer known = null;
    while (deadline - System.nanoTime() > 0 && !waiters.mustEnd()) {
      Answer answer = following.next();
      if (answer != null) {
        known = answer;
        if (following.isBelieved() && isNews(answer, request)) {
          return answer;
        }
        waiters.pause(Math.min(deadline - System.nanoTime(), following.pauseNanos()));
      }
    }
    known = tasks.knownNow(question.query(), known);
    return known == null ? tasks.latest(question.query()) : known;
  }

  private static boolean isNews(Answer answer, HttpFields request) {
    return !(answer.snapshot().reply() instanceof Unfinished unfinished)
        || (request.contains(HttpHeader.IF_NONE_MATCH)
            && !Conditions.has(request, unfinished.body().tag()));
  }
}
