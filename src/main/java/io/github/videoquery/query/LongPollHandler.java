package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.cache.Update;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.HttpReply;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.Wait;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.time.TimeSource;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers long polls: as soon as the task has ended, or there is news since the answer that the
 * caller has, or at the timeout, with the latest answer.
 */
final class LongPollHandler {
  private final TaskCache cache;
  private final TaskFeeds feeds;
  private final Responder responder;
  private final Subscribers subscribers;
  private final TimeSource time;

  LongPollHandler(
      TaskCache cache,
      TaskFeeds feeds,
      Responder responder,
      Subscribers subscribers,
      TimeSource time) {
    this.cache = cache;
    this.feeds = feeds;
    this.responder = responder;
    this.subscribers = subscribers;
    this.time = time;
  }

  /** Blocks the calling virtual thread until the answer can be given. */
  void handle(
      TaskQuery query,
      Wait wait,
      Client client,
      Request request,
      Response response,
      Callback callback) {
    try (var _ = subscribers.longPoll(client)) {
      answer(query, wait, client, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
  }

  private void answer(
      TaskQuery query,
      Wait wait,
      Client client,
      Request request,
      Response response,
      Callback callback) {
    Exchange exchange = Exchange.of(request);
    RequestFields fields = RequestFields.of(request);
    long start = responder.start();
    long timeout = time.nanoTime() + wait.timeout().toNanos();
    long deadline = client.expires(timeout, time);
    HttpReply reply;
    try (HeldBodies held = responder.holder()) {
      Answer answer = await(query, fields, deadline, deadline - timeout < 0, held);
      reply = responder.respond(exchange, query, wait, answer, fields, start);
    }
    if (wait.isPreferred()) {
      response.getHeaders().add("Preference-Applied", "wait=" + wait.timeout().toSeconds());
    }
    reply.writeTo(response, callback);
  }

  /**
   * @param expires whether the caller's token expires at the deadline
   */
  private Answer await(
      TaskQuery query, RequestFields fields, long deadline, boolean expires, HeldBodies held) {
    Answer latest = null;
    if (!feeds.isStopping()) {
      try (Subscription subscription = feeds.subscribe(query)) {
        for (Update update = subscription.next(deadline);
            update != null;
            update = subscription.next(deadline)) {
          latest = update.answer();
          if (update.isBelieved() && isNews(latest, fields)) {
            held.add(latest.entry().reply());
            return latest;
          }
          subscription.held().release(); // not sent: the next answer may be far away
        }
      }
    }
    if (expires && deadline - time.nanoTime() <= 0) {
      throw new ProblemException(Client.EXPIRED);
    }
    Answer known = cache.known(query, latest);
    return known == null ? cache.get(query, held) : known;
  }

  private static boolean isNews(Answer answer, RequestFields fields) {
    return answer.entry().isEnded()
        || !(answer.entry().reply() instanceof Unfinished unfinished)
        || (fields.ifNoneMatch() != null && !fields.hasNews(unfinished.body().news()));
  }
}
