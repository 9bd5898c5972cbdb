package io.github.videoquery.query;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.query.Delivery.Ask;
import io.github.videoquery.query.Delivery.Wait;
import io.github.videoquery.query.Delivery.Watch;
import io.github.videoquery.query.Delivery.WatchMany;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Reads the query out of a request's raw query string. Unknown parameters are ignored. */
final class QueryReader {
  private static final Pattern SECONDS = Pattern.compile("\\d+");

  /** {@code wait=N} among the preferences of RFC 7240, whose values may be quoted. */
  private static final Pattern PREFERRED =
      Pattern.compile(
          "(?:^|,)\\s*wait\\s*=\\s*(?:(\\d+)|\"(\\d+)\")\\s*(?=$|[,;])", CASE_INSENSITIVE);

  private static final int MAX_DIGITS = 9;
  private static final Ask ASK = new Ask();

  private final ForwardedParameters forwarded;
  private final Duration longestWait;
  private final int maxTasksPerStream;

  /**
   * @param longestWait the upper limit of the wait; a longer one is shortened to it
   */
  QueryReader(List<String> forwardParameters, Duration longestWait, int maxTasksPerStream) {
    this.forwarded = new ForwardedParameters(forwardParameters);
    this.longestWait = longestWait;
    this.maxTasksPerStream = maxTasksPerStream;
  }

  /** A query, the first where there are several, and how its caller wants the answer. */
  record ReadQuery(TaskQuery query, Delivery delivery) {}

  /**
   * @throws ProblemException with a sentence that says what to fix
   */
  ReadQuery read(Request request) {
    String query = request.getHttpURI().getQuery();
    HttpFields fields = request.getHeaders();
    Delivery delivery = delivery(query, fields);
    if (Conditions.prefersEvents(fields)) {
      return watch(query, lastEventId(query, fields));
    }
    if (!Conditions.acceptsJson(fields)) {
      throw new ProblemException(ProblemCode.NOT_ACCEPTABLE);
    }
    return new ReadQuery(read(query), request.getMethod().equals("GET") ? delivery : ASK);
  }

  private ReadQuery watch(@Nullable String query, LastEventId last) {
    List<String> ids = QueryString.all(query, "id", ProblemCode.INVALID_TASK_ID);
    if (ids.size() < 2) {
      return new ReadQuery(read(query), new Watch(last));
    }
    if (ids.size() > maxTasksPerStream) {
      throw new ProblemException(
          ProblemCode.INVALID_TASK_ID,
          "One event stream takes at most " + maxTasksPerStream + " ids. Open several streams.");
    }
    String parameters = forwarded.of(query);
    List<TaskQuery> queries =
        ids.stream().map(id -> new TaskQuery(taskId(id), parameters)).distinct().toList();
    if (queries.size() < ids.size()) {
      throw new ProblemException(
          ProblemCode.INVALID_TASK_ID, "An id is given twice; send each of them once.");
    }
    return new ReadQuery(
        queries.getFirst(), new WatchMany(queries, StreamCursor.of(last, queries)));
  }

  /** Readers that cannot send header fields send it as a parameter (event-source-polyfill). */
  private static LastEventId lastEventId(@Nullable String query, HttpFields fields) {
    String field = fields.get("Last-Event-ID");
    return LastEventId.of(
        field == null ? QueryString.only(query, "lastEventId", ProblemCode.BAD_REQUEST) : field);
  }

  private Delivery delivery(@Nullable String query, HttpFields fields) {
    String wait =
        query == null || !query.contains("wait")
            ? null
            : QueryString.only(query, "wait", ProblemCode.INVALID_WAIT);
    if (wait != null && !wait.isEmpty()) {
      if (!SECONDS.matcher(wait).matches()) {
        throw new ProblemException(ProblemCode.INVALID_WAIT);
      }
      return waiting(wait, false);
    }
    if (!fields.contains("Prefer")) {
      return ASK;
    }
    Matcher preferred = PREFERRED.matcher(String.join(",", fields.getValuesList("Prefer")));
    return !preferred.find()
        ? ASK
        : waiting(Objects.requireNonNullElse(preferred.group(1), preferred.group(2)), true);
  }

  private Delivery waiting(String seconds, boolean preferred) {
    String capped = seconds.length() > MAX_DIGITS ? "9".repeat(MAX_DIGITS) : seconds;
    Duration wanted = Duration.ofSeconds(Long.parseLong(capped));
    Duration timeout = wanted.compareTo(longestWait) < 0 ? wanted : longestWait;
    return timeout.isZero() ? ASK : new Wait(timeout, preferred);
  }

  /**
   * @throws ProblemException {@code invalid-task-id} or {@code bad-request}, with a sentence that
   *     says what to fix
   */
  TaskQuery read(@Nullable String query) {
    String id = QueryString.only(query, "id", ProblemCode.INVALID_TASK_ID);
    if (id == null || id.isBlank()) {
      throw new ProblemException(
          ProblemCode.INVALID_TASK_ID, "Name the task: /v1/video/query?id=<task id>.");
    }
    return new TaskQuery(taskId(id), forwarded.of(query));
  }

  private static TaskId taskId(String id) {
    try {
      return new TaskId(id);
    } catch (IllegalArgumentException e) {
      throw new ProblemException(ProblemCode.INVALID_TASK_ID, String.valueOf(e.getMessage()));
    }
  }
}
