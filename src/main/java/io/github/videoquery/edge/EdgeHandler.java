package io.github.videoquery.edge;

import io.github.videoquery.problem.Disconnect;
import io.github.videoquery.problem.FixedFields;
import io.github.videoquery.problem.RequestId;
import io.github.videoquery.time.TimeSource;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.MDC;

/**
 * Gives every exchange its request id and the headers that are safe everywhere, and counts it when
 * it has ended. Runs on the connection's thread, as all that follows up to {@link
 * VirtualThreadHandler}: nothing in between may block.
 */
public final class EdgeHandler extends Handler.Wrapper {
  /** The request id's name in log lines. */
  static final String MDC_KEY = "requestId";

  /** Until a task's answer says otherwise. */
  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");

  private final String route;
  private final HttpField vary;
  private final Function<Request, String> prefix;
  private final ExchangeMetrics metrics;
  private final Traces traces;
  private final TimeSource time;

  /**
   * @param route the path of queries, whose answers no shared cache may store; only this class
   *     compares it
   * @param variesBy further request fields by which the answers to queries vary
   * @param prefix finds what a proxy in front took off the path
   */
  public EdgeHandler(
      String route,
      String variesBy,
      Function<Request, String> prefix,
      ExchangeMetrics metrics,
      Traces traces,
      TimeSource time) {
    this.prefix = prefix;
    this.time = time;
    this.route = route;
    this.vary =
        new PreEncodedHttpField(
            HttpHeader.VARY,
            variesBy.isEmpty() ? FixedFields.VARIES_BY : FixedFields.VARIES_BY + ", " + variesBy);
    this.metrics = metrics;
    this.traces = traces;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    HttpFields.Mutable fields = response.getHeaders();
    String requestId = RequestId.orNew(request.getHeaders().get(RequestId.HEADER));
    boolean isQuery = route.equals(request.getHttpURI().getCanonicalPath());
    var exchange = new Exchange(requestId, isQuery, begun(request), prefix.apply(request));
    request.setAttribute(Exchange.ATTRIBUTE, exchange);
    fields.add(new HttpField((HttpHeader) null, RequestId.HEADER, requestId));
    fields.add(FixedFields.SAFE.get(0));
    fields.add(FixedFields.SAFE.get(1));
    if (isQuery) {
      fields.add(NO_STORE);
      fields.add(vary);
      fields.add(FixedFields.NEVER_CACHED);
    }
    traces.begin(request, exchange);
    var ending = new ExchangeEnding(exchange, request, response, metrics, traces, callback);
    try {
      super.handle(request, response, ending);
    } catch (Throwable defect) {
      fail(request, response, ending, defect);
    }
    return true;
  }

  /** When the first byte of the request came. */
  private long begun(Request request) {
    return time.nanoTime() - NanoTime.since(request.getBeginNanoTime());
  }

  /**
   * Answers with the problem that {@link io.github.videoquery.problem} has for defects. A caller
   * whose connection broke, or stood still for too long, is not answered: nobody is left to read
   * it.
   */
  static void fail(Request request, Response response, Callback callback, Throwable defect) {
    if (Disconnect.isIn(defect)) {
      callback.failed(defect);
      return;
    }
    Exchange exchange = Exchange.of(request);
    exchange.failed(defect);
    try (var _ = exchange.trace().makeCurrent();
        var _ = MDC.putCloseable(MDC_KEY, exchange.requestId())) {
      Response.writeError(request, response, callback, defect);
    }
  }
}
