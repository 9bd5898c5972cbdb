package io.github.videoquery.query;

import io.github.videoquery.access.Caller;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads the question, and answers it on the connection's own thread whenever the remembered answer
 * is fresh and ready.
 */
public final class RememberedTaskHandler extends Handler.Wrapper {
  private static final String QUESTION = TaskQuery.class.getName();
  private static final Problem NOT_ALLOWED =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  private final QueryReader reader;
  private final Tasks tasks;
  private final ReplyRenderer renderer;

  RememberedTaskHandler(QueryReader reader, Tasks tasks, ReplyRenderer renderer) {
    this.reader = reader;
    this.tasks = tasks;
    this.renderer = renderer;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!TaskQuery.PATH.equals(request.getHttpURI().getCanonicalPath())) {
      return super.handle(request, response, callback);
    }
    long start = System.nanoTime();
    try {
      TaskQuery query = question(request);
      Answer answer = tasks.remembered(query, Conditions.acceptsGzip(request.getHeaders()));
      if (answer == null) {
        request.setAttribute(QUESTION, query);
        return super.handle(request, response, callback);
      }
      renderer.render(query, answer, start, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
    return true;
  }

  private TaskQuery question(Request request) {
    String method = request.getMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new ProblemException(NOT_ALLOWED);
    }
    if (!Conditions.acceptsJson(request.getHeaders())) {
      throw new ProblemException(ProblemCode.NOT_ACCEPTABLE);
    }
    TaskQuery query = reader.read(request.getHttpURI().getQuery());
    Caller.of(request).requireMayAsk(query.id());
    return query;
  }

  /**
   * The question of a request that passed this handler unanswered.
   *
   * @throws ProblemException if it did not pass: nobody has been admitted
   */
  static TaskQuery questionOf(Request request) {
    if (request.getAttribute(QUESTION) instanceof TaskQuery query) {
      return query;
    }
    throw new ProblemException(ProblemCode.UNAUTHENTICATED);
  }
}
