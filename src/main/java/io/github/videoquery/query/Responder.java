package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.HttpReply;
import io.github.videoquery.query.QueryMetrics.Outcome;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Known;

/** Turns an answer into the response of an exchange, and counts it; the caller then writes it. */
final class Responder {
  private final ReplyRenderer renderer;
  private final QueryMetrics metrics;
  private final BodyMemory memory;

  Responder(ReplyRenderer renderer, QueryMetrics metrics, BodyMemory memory) {
    this.renderer = renderer;
    this.metrics = metrics;
    this.memory = memory;
  }

  /** The time from which an answer is counted, to be given to {@link #respond}. */
  long start() {
    return metrics.now();
  }

  /** A holder for the answer, until {@link #respond} holds it. */
  HeldBodies holder() {
    return memory.holder();
  }

  /** The response. Its body is held until the exchange has ended. */
  HttpReply respond(
      Exchange exchange,
      TaskQuery query,
      Delivery delivery,
      Answer answer,
      RequestFields request,
      long start) {
    HttpReply reply = renderer.render(query, answer, request, exchange);
    metrics.answered(delivery, Outcome.of(answer), start);
    if (reply.body() != null
        && answer.entry().reply() instanceof Known known
        && BodyMemory.isCounted(known.body())) {
      HeldBodies held = memory.holder();
      held.add(known);
      exchange.whenEnded(held::close);
    }
    return reply;
  }
}
