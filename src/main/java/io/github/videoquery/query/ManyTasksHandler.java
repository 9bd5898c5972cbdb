package io.github.videoquery.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.Forecast;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.edge.Exchange;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.WatchMany;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers queries about several tasks, as one event stream. A task that is unknown, forbidden or
 * failing gets an event of its own; the HTTP status is about the whole stream. When all tasks are
 * over, the event {@code done} ends the stream, and a client that comes back with its id gets 204.
 */
final class ManyTasksHandler {
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);
  private static final byte[] END = {'}'};

  private final TaskFeeds feeds;
  private final Forecast forecast;
  private final QueryMetrics metrics;
  private final Subscribers subscribers;
  private final BodyMemory memory;
  private final StreamScheduler scheduler;

  ManyTasksHandler(
      TaskFeeds feeds,
      Forecast forecast,
      QueryMetrics metrics,
      Subscribers subscribers,
      BodyMemory memory,
      StreamScheduler scheduler) {
    this.feeds = feeds;
    this.forecast = forecast;
    this.metrics = metrics;
    this.subscribers = subscribers;
    this.memory = memory;
    this.scheduler = scheduler;
  }

  /** Blocks the calling virtual thread while it writes what is known. */
  void handle(
      WatchMany watch, Client client, Request request, Response response, Callback callback) {
    if (watch.queries().stream().allMatch(query -> isAllSent(query.id(), watch.cursor(), client))) {
      response.setStatus(HttpStatus.NO_CONTENT_204);
      callback.succeeded();
      return;
    }
    try {
      Exchange.of(request).whenEnded(subscribers.eventStreams(watch.count(), client)::close);
      stream(watch, client, request, response, callback);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, callback);
    }
  }

  /** Whether nothing is left to send; a token that allows more tasks can change that. */
  private static boolean isAllSent(TaskId id, StreamCursor cursor, Client client) {
    SentState sent = cursor.sent(id);
    return sent.isOver() || (sent.problem() == ProblemCode.FORBIDDEN && client.refusal(id) != null);
  }

  private void stream(
      WatchMany watch, Client client, Request request, Response response, Callback callback) {
    long start = metrics.now();
    var events = new EventStream(response);
    Map<String, TaskEventStream> tasks = new LinkedHashMap<>();
    for (TaskQuery query : watch.queries()) {
      var named = new NamedTaskEvents(query.id(), events, () -> StreamCursor.of(tasks));
      tasks.put(
          StreamCursor.key(query.id()),
          new TaskEventStream(query, watch.cursor().sent(query.id()), forecast, memory, named));
    }
    var watched = new StreamSubscriptions();
    Exchange exchange = Exchange.of(request);
    exchange.whenEnded(watched::close);
    exchange.whenEnded(
        () -> tasks.values().forEach(task -> metrics.answered(watch, task.outcome(), start)));
    try {
      events.begin();
      if (request.getMethod().equals("HEAD")) { // for which Jetty sends the head only
        callback.succeeded();
        return;
      }
      subscribe(tasks, client, watched);
    } catch (IOException gone) {
      callback.failed(gone);
      return;
    }
    new OpenStream(
            scheduler,
            events,
            watched,
            client,
            isExpired -> sendEnding(events, tasks, isExpired),
            callback,
            VirtualThreadHandler.threadsOf(request, response, callback))
        .begin();
  }

  private static void sendEnding(
      EventStream events, Map<String, TaskEventStream> tasks, boolean isExpired)
      throws IOException {
    if (isExpired) {
      byte[] problem = Client.EXPIRED.document(events.request());
      events.event("problem", null, "{\"problem\":".getBytes(UTF_8), problem, END);
    } else {
      events.event("done", StreamCursor.of(tasks).toString(), EMPTY);
    }
  }

  private void subscribe(
      Map<String, TaskEventStream> tasks, Client client, StreamSubscriptions watched)
      throws IOException {
    for (TaskEventStream task : tasks.values()) {
      Problem refusal = client.refusal(task.query().id());
      if (refusal != null) {
        task.refuse(refusal);
      } else if (!task.sent().isOver()) {
        watched.add(task, feeds.subscribe(task.query()));
      }
    }
  }
}
