package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.Ask;
import io.github.videoquery.query.Delivery.Wait;
import io.github.videoquery.query.Delivery.Watch;
import io.github.videoquery.query.Delivery.WatchMany;
import io.github.videoquery.query.QueryReader.ReadQuery;
import io.github.videoquery.task.TaskQuery;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads the query. An answer from the cache that is ready is given here, by the connection's own
 * thread; long polls and event streams go to their handlers, each on a virtual thread; the rest
 * goes on.
 */
public final class CacheHitHandler extends Handler.Wrapper {
  private static final Problem NOT_ALLOWED =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  private final QueryReader reader;
  private final TaskCache cache;
  private final Responder responder;
  private final LongPollHandler longPolls;
  private final EventStreamHandler eventStreams;
  private final ManyTasksHandler manyTasks;

  CacheHitHandler(
      QueryReader reader,
      TaskCache cache,
      Responder responder,
      LongPollHandler longPolls,
      EventStreamHandler eventStreams,
      ManyTasksHandler manyTasks) {
    this.reader = reader;
    this.cache = cache;
    this.responder = responder;
    this.longPolls = longPolls;
    this.eventStreams = eventStreams;
    this.manyTasks = manyTasks;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Exchange exchange = Exchange.of(request);
    if (!exchange.isQuery()) {
      return super.handle(request, response, callback);
    }
    long start = responder.start();
    try {
      Client client = Client.of(request);
      ReadQuery read = read(client, request);
      RequestFields fields = RequestFields.of(request);
      Answer answer = fromCache(read, fields);
      if (answer == null) {
        client.chargeRestOfMisses(read.delivery() instanceof WatchMany many ? many.count() : 1);
        exchange.ask(read.query());
        return pass(read, client, request, response, callback);
      }
      if (answer.isStale()) {
        var _ = cache.revalidate(read.query(), answer, client::tryChargeRestOfMiss);
      }
      responder
          .respond(exchange, read.query(), read.delivery(), answer, fields, start)
          .writeTo(response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
    return true;
  }

  /**
   * Answers a query that may not make a call, by the stale answer.
   *
   * @return false if there is none
   */
  public boolean answerWithoutCall(Request request, Response response, Callback callback) {
    Exchange exchange = Exchange.of(request);
    TaskQuery query = exchange.query();
    Answer stale = query == null ? null : cache.known(query, null);
    if (query == null || stale == null) {
      return false;
    }
    responder
        .respond(exchange, query, new Ask(), stale, RequestFields.of(request), responder.start())
        .writeTo(response, callback);
    return true;
  }

  private boolean pass(
      ReadQuery read, Client client, Request request, Response response, Callback callback)
      throws Exception {
    Runnable job = // null: the next handler answers
        switch (read.delivery()) {
          case Ask _ -> null;
          case Wait wait ->
              () -> longPolls.handle(read.query(), wait, client, request, response, callback);
          case Watch watch ->
              () -> eventStreams.handle(read.query(), watch, client, request, response, callback);
          case WatchMany many -> () -> manyTasks.handle(many, client, request, response, callback);
        };
    if (job == null) {
      return super.handle(request, response, callback);
    }
    VirtualThreadHandler.threadsOf(request, response, callback).execute(job);
    return true;
  }

  private ReadQuery read(Client client, Request request) {
    String method = request.getMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new ProblemException(NOT_ALLOWED);
    }
    ReadQuery read = reader.read(request);
    if (!(read.delivery() instanceof WatchMany)) { // which tells it for each task
      client.requireMayAsk(read.query().id());
    }
    return read;
  }

  private @Nullable Answer fromCache(ReadQuery read, RequestFields fields) {
    return read.delivery() instanceof Ask
        ? cache.fromCache(read.query(), fields.acceptsGzip())
        : null;
  }
}
