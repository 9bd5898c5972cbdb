package io.github.videoquery.upstream;

import java.net.URI;
import java.util.function.Function;
import org.slf4j.MDC;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/**
 * Carries the request's id, put into the Reactor context, to the log lines of the connection's
 * thread.
 */
final class LoggedConnector implements ClientHttpConnector {
  /** The id's name in the MDC and in the context. */
  static final String REQUEST_ID = "requestId";

  private final ClientHttpConnector connector;

  LoggedConnector(ClientHttpConnector connector) {
    this.connector = connector;
  }

  @Override
  public Mono<ClientHttpResponse> connect(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
    Mono<ClientHttpResponse> response = connector.connect(method, uri, requestCallback);
    return Mono.deferContextual(
        context ->
            context
                .<String>getOrEmpty(REQUEST_ID)
                .map(
                    id ->
                        response
                            .doOnNext(arrived -> MDC.put(REQUEST_ID, id))
                            .doOnError(failed -> MDC.put(REQUEST_ID, id))
                            .doFinally(told -> MDC.remove(REQUEST_ID)))
                .orElse(response));
  }
}
