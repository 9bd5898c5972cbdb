package io.github.videoquery.query;

import io.github.videoquery.access.Caller;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.ServerHttpObservationFilter;

/** Answers from memory before Spring MVC runs, whenever the remembered answer is fresh. */
final class RememberedTaskFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient QueryReader reader;
  private final transient Tasks tasks;
  private final transient ReplyRenderer renderer;
  private final transient QueryMetrics metrics;

  RememberedTaskFilter(
      QueryReader reader, Tasks tasks, ReplyRenderer renderer, QueryMetrics metrics) {
    this.reader = reader;
    this.tasks = tasks;
    this.renderer = renderer;
    this.metrics = metrics;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean asks = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
    if (!asks || !Conditions.acceptsJson(request)) {
      chain.doFilter(request, response);
      return;
    }
    long start = System.nanoTime();
    try {
      TaskQuery query = reader.read(request);
      Caller.of(request).requireMayAsk(query.id());
      Answer answer = tasks.remembered(query);
      if (answer == null) {
        chain.doFilter(request, response);
        return;
      }
      nameInMetrics(request);
      renderer.render(query, answer, request, response);
      metrics.asked(answer, System.nanoTime() - start);
    } catch (ProblemException e) {
      nameInMetrics(request);
      e.problem().writeTo(response);
    }
  }

  /** Without it the observation would count the request under an unknown URI. */
  private static void nameInMetrics(HttpServletRequest request) {
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observation -> observation.setPathPattern(VideoQueryController.PATH));
  }
}
