package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * The gateway's one endpoint. It serves cache misses: an answer from the cache is given by {@link
 * CacheHitHandler}, a long poll by {@link LongPollHandler} and an event stream by {@link
 * EventStreamHandler}, before a request comes here.
 */
@RestController
final class VideoQueryController {
  private static final Delivery ASK = new Delivery.Ask();

  private final TaskCache cache;
  private final Responder responder;

  VideoQueryController(TaskCache cache, Responder responder) {
    this.cache = cache;
    this.responder = responder;
  }

  /**
   * Answers a query of GET or HEAD. Blocks until there is an answer.
   *
   * @throws ProblemException {@code unauthenticated}, if nobody was admitted
   */
  @RequestMapping(
      path = TaskQuery.PATH,
      method = {RequestMethod.GET, RequestMethod.HEAD})
  ResponseEntity<byte[]> query(
      @RequestAttribute(Exchange.ATTRIBUTE) Exchange exchange, HttpServletRequest request) {
    TaskQuery query = exchange.query();
    if (query == null) {
      throw new ProblemException(ProblemCode.UNAUTHENTICATED);
    }
    long start = responder.start();
    try (HeldBodies held = responder.holder()) {
      Answer answer = cache.get(query, held);
      return responder
          .respond(exchange, query, ASK, answer, RequestFields.of(request), start)
          .toEntity();
    }
  }
}
