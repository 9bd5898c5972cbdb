package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.cache.Update;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.Watch;
import io.github.videoquery.query.QueryMetrics.Outcome;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries that prefer an event stream. An answer within the first second decides the HTTP
 * status; later answers are events. A client that has received the task's end gets 204, after which
 * an {@code EventSource} does not reconnect.
 */
final class EventStreamHandler {
  /** An answer that comes sooner decides the HTTP status; proxies cut a request that is silent. */
  private static final long DECIDES_NANOS = Duration.ofSeconds(1).toNanos();

  private final TaskCache cache;
  private final TaskFeeds feeds;
  private final Forecast forecast;
  private final Responder responder;
  private final QueryMetrics metrics;
  private final Subscribers subscribers;
  private final BodyMemory memory;
  private final StreamScheduler scheduler;

  EventStreamHandler(
      TaskCache cache,
      TaskFeeds feeds,
      Forecast forecast,
      Responder responder,
      QueryMetrics metrics,
      Subscribers subscribers,
      BodyMemory memory,
      StreamScheduler scheduler) {
    this.cache = cache;
    this.feeds = feeds;
    this.forecast = forecast;
    this.responder = responder;
    this.metrics = metrics;
    this.subscribers = subscribers;
    this.memory = memory;
    this.scheduler = scheduler;
  }

  /** Blocks the calling virtual thread for 1 s at most, and while it writes. */
  void handle(
      TaskQuery query,
      Watch watch,
      Client client,
      Request request,
      Response response,
      Callback callback) {
    if (watch.lastEventId().isNotFound()) {
      response.setStatus(HttpStatus.NO_CONTENT_204);
      callback.succeeded();
      return;
    }
    Exchange exchange = Exchange.of(request);
    try {
      exchange.whenEnded(subscribers.eventStreams(1, client)::close);
      Subscription subscription = feeds.subscribe(query);
      exchange.whenEnded(subscription::close);
      stream(query, watch, client, subscription, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
  }

  private void stream(
      TaskQuery query,
      Watch watch,
      Client client,
      Subscription subscription,
      Request request,
      Response response,
      Callback callback) {
    Exchange exchange = Exchange.of(request);
    long start = responder.start();
    Answer first = firstInTime(query, subscription);
    if (first != null && !(first.entry().reply() instanceof Known)) {
      responder
          .respond(exchange, query, watch, first, RequestFields.of(request), start)
          .writeTo(response, callback);
      return;
    }
    if (first != null && watch.lastEventId().isEndOf(first)) {
      response.setStatus(HttpStatus.NO_CONTENT_204);
      callback.succeeded();
      metrics.answered(watch, Outcome.of(first), start);
      return;
    }
    Outcome outcome = first == null ? null : Outcome.of(first); // the answer can have megabytes

    var events = new EventStream(response);
    var sent = new SentState(watch.lastEventId().news(), null, null, false);
    var taskEvents = new SoleTaskEvents(events);
    var task = new TaskEventStream(query, sent, forecast, memory, taskEvents);
    exchange.whenEnded(
        () -> metrics.answered(watch, outcome == null ? task.outcome() : outcome, start));
    try (var _ = subscription.held().moved()) {
      events.begin();
      if (request.getMethod().equals("HEAD") || (first != null && task.send(first))) {
        callback.succeeded();
        return;
      }
    } catch (IOException gone) {
      callback.failed(gone);
      return;
    }
    var tasks = new StreamSubscriptions();
    exchange.whenEnded(tasks::close);
    tasks.add(task, subscription);
    new OpenStream(
            scheduler,
            events,
            tasks,
            client,
            taskEvents::sendEnding,
            callback,
            VirtualThreadHandler.threadsOf(request, response, callback))
        .begin();
  }

  private @Nullable Answer firstInTime(TaskQuery query, Subscription subscription) {
    Update update = subscription.nextBelieved(scheduler.time().nanoTime() + DECIDES_NANOS);
    if (update == null) {
      return feeds.isStopping() ? cache.get(query, subscription.held()) : null;
    }
    return update.answer();
  }
}
