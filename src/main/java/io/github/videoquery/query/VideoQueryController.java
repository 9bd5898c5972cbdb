package io.github.videoquery.query;

import io.github.videoquery.access.Caller;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** The gateway's one endpoint, for questions that memory alone does not answer. */
@RestController
final class VideoQueryController {
  static final String PATH = "/v1/video/query";

  private final QueryReader reader;
  private final Tasks tasks;
  private final ReplyRenderer renderer;
  private final QueryMetrics metrics;

  VideoQueryController(
      QueryReader reader, Tasks tasks, ReplyRenderer renderer, QueryMetrics metrics) {
    this.reader = reader;
    this.tasks = tasks;
    this.renderer = renderer;
    this.metrics = metrics;
  }

  @RequestMapping(
      path = PATH,
      method = {RequestMethod.GET, RequestMethod.HEAD})
  void ask(HttpServletRequest request, HttpServletResponse response) throws IOException {
    long start = System.nanoTime();
    if (!Conditions.acceptsJson(request)) {
      throw new ProblemException(
          ProblemCode.NOT_ACCEPTABLE,
          "Tasks are answered as application/json; accept that, or send no Accept header.");
    }
    TaskQuery query = reader.read(request);
    Caller.of(request).requireMayAsk(query.id());
    Answer answer = tasks.latest(query);
    renderer.render(query, answer, request, response);
    metrics.asked(answer, System.nanoTime() - start);
  }
}
