package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Question.Ask;
import io.github.videoquery.query.Question.Wait;
import io.github.videoquery.query.Question.Watch;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers those who wait for news. They stay on their virtual thread, outside Spring MVC: a paused
 * one keeps a few frames and no more.
 */
public final class AwaitedTaskHandler extends Handler.Wrapper {
  private final TaskCache tasks;
  private final ReplyRenderer renderer;
  private final QueryMetrics metrics;
  private final Subscribers waiters;
  private final BodyMemory memory;
  private final Duration heartbeat;

  AwaitedTaskHandler(
      TaskCache tasks,
      ReplyRenderer renderer,
      QueryMetrics metrics,
      Subscribers waiters,
      BodyMemory memory,
      Duration heartbeat) {
    this.tasks = tasks;
    this.renderer = renderer;
    this.metrics = metrics;
    this.waiters = waiters;
    this.memory = memory;
    this.heartbeat = heartbeat;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!TaskQuery.PATH.equals(request.getHttpURI().getCanonicalPath())) {
      return super.handle(request, response, callback);
    }
    Question question = Question.of(request);
    try {
      switch (question.delivery()) {
        case Ask _ -> {
          return super.handle(request, response, callback);
        }
        case Wait wait -> {
          request.addIdleTimeoutListener(idle -> false); // it is us who keep the connection idle
          var awaited = new AwaitedAnswer(question, wait, tasks, renderer, waiters);
          waiters.await(Client.of(request), () -> awaited.give(request, response, callback));
        }
        case Watch watch -> {
          var watched =
              new WatchedTask(
                  question, watch, tasks, renderer, metrics, waiters, memory, heartbeat);
          waiters.watch(Client.of(request), () -> watched.tell(request, response, callback));
        }
      }
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
    return true;
  }
}
