package io.github.videoquery.upstream;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * A span for each call to the provider, up to the head of its answer, in the trace of the exchange
 * that makes the call; sent to the provider in {@code traceparent} (W3C Trace Context).
 */
final class CallTraces implements ExchangeFilterFunction {
  private final Tracer tracer;
  private final TextMapPropagator propagator;

  CallTraces(OpenTelemetry openTelemetry) {
    this.tracer = openTelemetry.getTracer("video-query-gateway");
    this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
  }

  @Override
  public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
    Span span =
        tracer
            .spanBuilder(request.method().name())
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute("http.request.method", request.method().name())
            .setAttribute("server.address", request.url().getHost())
            .startSpan();
    Context context = Context.current().with(span);
    ClientRequest traced =
        ClientRequest.from(request)
            .headers(
                headers ->
                    propagator.inject(
                        context, headers, (_, name, value) -> headers.set(name, value)))
            .build();
    return next.exchange(traced)
        .doOnNext(response -> answered(span, response.statusCode().value()))
        .doOnError(e -> failed(span, e))
        .doFinally(end -> span.end());
  }

  private static void answered(Span span, int status) {
    span.setAttribute("http.response.status_code", (long) status);
    if (status >= 400) {
      span.setStatus(StatusCode.ERROR);
    }
  }

  private static void failed(Span span, Throwable failure) {
    span.setStatus(StatusCode.ERROR).setAttribute("error.type", failure.getClass().getSimpleName());
  }
}
