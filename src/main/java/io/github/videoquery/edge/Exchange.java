package io.github.videoquery.edge;

import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.task.TaskQuery;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.HandlerMapping;

/**
 * One request and its answer: the state that the handlers share. {@link EdgeHandler} puts it on the
 * request, once. One thread at a time works on it.
 */
public final class Exchange implements ProblemRequest {

  private final String requestId;
  private final boolean isQuery;
  private final long start;
  private final String prefix;
  private final List<Runnable> endings = new ArrayList<>(1);
  private @Nullable String route;
  private Context trace = Context.root();
  private @Nullable String client;
  private @Nullable TaskQuery query;
  private @Nullable Throwable defect;

  /**
   * @param isQuery whether it came by the path of queries
   * @param start on {@link io.github.videoquery.time.TimeSource#nanoTime()}
   * @param prefix see {@link #prefix()}
   */
  public Exchange(String requestId, boolean isQuery, long start, String prefix) {
    this.prefix = prefix;
    this.requestId = requestId;
    this.isQuery = isQuery;
    this.start = start;
  }

  /** The exchange that the request belongs to. */
  public static Exchange of(Request request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Exchange exchange) {
      return exchange;
    }
    throw new IllegalStateException("The request did not pass EdgeHandler");
  }

  @Override
  public String requestId() {
    return requestId;
  }

  @Override
  public String prefix() {
    return prefix;
  }

  /** Whether it came by the path of queries. */
  public boolean isQuery() {
    return isQuery;
  }

  /**
   * The pattern of the path, never the path: the one of queries, or what Spring MVC found; null for
   * neither.
   */
  @Nullable String route(Request request) {
    if (route != null) {
      return route;
    }
    return request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
            instanceof String pattern
        ? pattern
        : null;
  }

  public void route(String pattern) {
    this.route = pattern;
  }

  /** When it began, on {@link io.github.videoquery.time.TimeSource#nanoTime()}. */
  public long start() {
    return start;
  }

  /** The client's name; null until it is admitted. */
  public @Nullable String client() {
    return client;
  }

  public void admit(String name) {
    this.client = name;
  }

  /** The query that an admitted client sent; null until it is read. */
  public @Nullable TaskQuery query() {
    return query;
  }

  public void ask(TaskQuery read) {
    this.query = read;
  }

  /** The trace's context, which the thread that handles the exchange makes its current one. */
  Context trace() {
    return trace;
  }

  void trace(Context begun) {
    this.trace = begun;
  }

  /** The unexpected failure that ended the exchange; null if there was none. */
  @Nullable Throwable defect() {
    return defect;
  }

  void failed(Throwable cause) {
    this.defect = cause;
  }

  /** Registers an action for when the answer was written, or writing it failed. */
  public void whenEnded(Runnable ending) {
    endings.add(ending);
  }

  /** Runs the registered actions. A second call does nothing. */
  public void ended() {
    endings.forEach(Runnable::run);
    endings.clear();
  }
}
