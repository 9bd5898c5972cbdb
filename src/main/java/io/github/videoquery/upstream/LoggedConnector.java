package io.github.videoquery.upstream;

import java.net.URI;
import java.util.function.Function;
import org.slf4j.MDC;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/** Carries the request's id from the calling thread to the log lines of the connection's thread. */
final class LoggedConnector implements ClientHttpConnector {
  private static final String REQUEST_ID = "requestId";

  private final ClientHttpConnector connector;

  LoggedConnector(ClientHttpConnector connector) {
    this.connector = connector;
  }

  @Override
  public Mono<ClientHttpResponse> connect(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
    Mono<ClientHttpResponse> response = connector.connect(method, uri, requestCallback);
    String id = MDC.get(REQUEST_ID);
    return id == null
        ? response
        : response
            .doOnNext(arrived -> MDC.put(REQUEST_ID, id))
            .doOnError(failed -> MDC.put(REQUEST_ID, id))
            .doFinally(told -> MDC.remove(REQUEST_ID));
  }
}
