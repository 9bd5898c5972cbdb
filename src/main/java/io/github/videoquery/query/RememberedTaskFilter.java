package io.github.videoquery.query;

import io.github.videoquery.access.Caller;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Reads the question, and answers from memory before Spring MVC runs whenever the remembered answer
 * is fresh.
 */
final class RememberedTaskFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String QUESTION = TaskQuery.class.getName();
  private static final Problem NOT_ALLOWED =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  private final transient QueryReader reader;
  private final transient Tasks tasks;
  private final transient ReplyRenderer renderer;

  RememberedTaskFilter(QueryReader reader, Tasks tasks, ReplyRenderer renderer) {
    this.reader = reader;
    this.tasks = tasks;
    this.renderer = renderer;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String method = request.getMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      NOT_ALLOWED.writeTo(response);
      return;
    }
    long start = System.nanoTime();
    try {
      TaskQuery query = question(request);
      Answer answer = tasks.remembered(query);
      if (answer == null) {
        request.setAttribute(QUESTION, query);
        chain.doFilter(request, response);
      } else {
        renderer.render(query, answer, start, request, response);
      }
    } catch (ProblemException e) {
      e.problem().writeTo(response);
    }
  }

  private TaskQuery question(HttpServletRequest request) {
    if (!Conditions.acceptsJson(request)) {
      throw new ProblemException(ProblemCode.NOT_ACCEPTABLE);
    }
    TaskQuery query = reader.read(request);
    Caller.of(request).requireMayAsk(query.id());
    return query;
  }

  /**
   * The question of a request that passed this filter unanswered.
   *
   * @throws ProblemException if it did not pass: nobody has been admitted
   */
  static TaskQuery questionOf(HttpServletRequest request) {
    if (request.getAttribute(QUESTION) instanceof TaskQuery query) {
      return query;
    }
    throw new ProblemException(ProblemCode.UNAUTHENTICATED);
  }
}
