package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Subscription.Update;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.Watch;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers queries that prefer an event stream. The first believed answer decides the HTTP status. A
 * failure is answered by a problem. A task whose end the client has already received is answered
 * 204, after which an {@code EventSource} does not reconnect.
 */
final class EventStreamHandler {
  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");

  /** Never reached; not larger, because {@link TimeSource#nanoTime()} may overflow. */
  private static final long NO_DEADLINE = Duration.ofDays(365).toNanos();

  private final TaskCache cache;
  private final TaskFeeds feeds;
  private final Forecast forecast;
  private final Responder responder;
  private final QueryMetrics metrics;
  private final Subscribers subscribers;
  private final BodyMemory memory;
  private final long heartbeatNanos;
  private final TimeSource time;

  EventStreamHandler(
      TaskCache cache,
      TaskFeeds feeds,
      Forecast forecast,
      Responder responder,
      QueryMetrics metrics,
      Subscribers subscribers,
      BodyMemory memory,
      Duration heartbeat,
      TimeSource time) {
    this.cache = cache;
    this.feeds = feeds;
    this.forecast = forecast;
    this.responder = responder;
    this.metrics = metrics;
    this.subscribers = subscribers;
    this.memory = memory;
    this.heartbeatNanos = heartbeat.toNanos();
    this.time = time;
  }

  /** Blocks the calling virtual thread until the stream ends, or its caller has gone. */
  boolean handle(
      TaskQuery query,
      Watch watch,
      Client client,
      Request request,
      Response response,
      Callback callback) {
    try (var _ = subscribers.eventStream(client);
        Subscription subscription = feeds.subscribe(query)) {
      stream(query, watch, subscription, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
    return true;
  }

  private void stream(
      TaskQuery query,
      Watch watch,
      Subscription subscription,
      Request request,
      Response response,
      Callback callback) {
    Exchange exchange = Exchange.of(request);
    long start = responder.start();
    Answer first = firstBelieved(query, subscription);
    if (!(first.entry().reply() instanceof Known known)) {
      responder
          .respond(exchange, query, watch, first, RequestFields.of(request), start)
          .writeTo(response, callback);
      return;
    }
    try {
      if (first.entry().isEnded() && known.body().news().equals(Body.newsOf(watch.lastEventId()))) {
        response.getHeaders().put(NO_STORE);
        response.setStatus(HttpStatus.NO_CONTENT_204);
      } else {
        var events = new EventStream(response);
        var task = new TaskEventStream(query, watch.lastEventId(), forecast, memory, events);
        new EventStreamLoop(feeds, events, task, heartbeatNanos, time).run(first, subscription);
      }
      callback.succeeded();
    } catch (IOException gone) {
      callback.failed(gone);
    } finally {
      metrics.answered(watch, first, start);
    }
  }

  private Answer firstBelieved(TaskQuery query, Subscription subscription) {
    while (true) {
      Update update = subscription.next(time.nanoTime() + NO_DEADLINE);
      if (update == null) { // the service stops
        return cache.get(query);
      }
      if (update.isBelieved()) {
        return update.answer();
      }
    }
  }
}
