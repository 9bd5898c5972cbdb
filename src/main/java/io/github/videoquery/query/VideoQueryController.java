package io.github.videoquery.query;

import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** The gateway's one endpoint, for questions that memory alone does not answer. */
@RestController
final class VideoQueryController {
  private final TaskCache tasks;
  private final ReplyRenderer renderer;

  VideoQueryController(TaskCache tasks, ReplyRenderer renderer) {
    this.tasks = tasks;
    this.renderer = renderer;
  }

  @RequestMapping(
      path = TaskQuery.PATH,
      method = {RequestMethod.GET, RequestMethod.HEAD})
  void ask(HttpServletRequest servletRequest, HttpServletResponse response) throws IOException {
    long start = System.nanoTime();
    Request request = ServletContextRequest.getServletContextRequest(servletRequest);
    Question question = Question.of(request);
    renderer.render(question, tasks.latest(question.query()), start, request, response);
  }
}
