package io.github.videoquery.upstream;

import java.util.List;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** The clients of an account: {@code fresh} makes a connection for each request. */
record CallClients(WebClient pooled, WebClient fresh) {

  /**
   * Resolves the name, opens a connection (TCP, TLS) and closes it. No HTTP request is sent to the
   * provider, and no span is made.
   */
  Mono<Void> connect(String endpoint) {
    return fresh
        .mutate()
        .filters(List::clear)
        .build()
        .get()
        .uri(endpoint)
        .httpRequest(
            request -> {
              throw new IllegalStateException("Connected"); // before a byte of the request is sent
            })
        .exchangeToMono(ClientResponse::releaseBody)
        .onErrorComplete();
  }
}
