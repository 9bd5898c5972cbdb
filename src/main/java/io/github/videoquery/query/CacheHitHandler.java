package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Question.Ask;
import io.github.videoquery.task.TaskQuery;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads the question, and answers it on the connection's own thread whenever the remembered answer
 * is fresh and ready.
 */
public final class CacheHitHandler extends Handler.Wrapper {
  private static final Problem NOT_ALLOWED =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  private final QueryReader reader;
  private final TaskCache tasks;
  private final ReplyRenderer renderer;

  CacheHitHandler(QueryReader reader, TaskCache tasks, ReplyRenderer renderer) {
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
      Question question = question(request);
      Answer answer = answerAtOnce(question, request);
      if (answer == null) {
        Client.of(request).chargeRestOfMiss();
        question.passOn(request);
        return super.handle(request, response, callback);
      }
      renderer.render(question, answer, start, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
    return true;
  }

  private Question question(Request request) {
    String method = request.getMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new ProblemException(NOT_ALLOWED);
    }
    Question question = reader.read(request);
    Client.of(request).requireMayAsk(question.query().id());
    return question;
  }

  private @Nullable Answer answerAtOnce(Question question, Request request) {
    return question.delivery() instanceof Ask
        ? tasks.remembered(question.query(), Conditions.acceptsGzip(request.getHeaders()))
        : null;
  }
}
