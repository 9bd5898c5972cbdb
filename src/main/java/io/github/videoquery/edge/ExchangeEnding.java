package io.github.videoquery.edge;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Counts an exchange and ends its span when its answer was written, or writing it failed. */
final class ExchangeEnding extends Callback.Nested {
  private final Exchange exchange;
  private final Request request;
  private final Response response;
  private final ExchangeMetrics metrics;
  private final Traces traces;

  ExchangeEnding(
      Exchange exchange,
      Request request,
      Response response,
      ExchangeMetrics metrics,
      Traces traces,
      Callback callback) {
    super(callback);
    this.exchange = exchange;
    this.request = request;
    this.response = response;
    this.metrics = metrics;
    this.traces = traces;
  }

  @Override
  public void succeeded() {
    ended();
    super.succeeded();
  }

  @Override
  public void failed(Throwable failure) {
    ended();
    super.failed(failure);
  }

  private void ended() {
    exchange.ended();
    metrics.ended(exchange, request, response.getStatus());
    traces.end(exchange, request, response.getStatus());
  }
}
