package io.github.videoquery.upstream;

import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** The same client twice; {@code fresh} makes a connection for each request. */
record CallClients(WebClient pooled, WebClient fresh) {

  /** Connects without sending anything: names, TCP and TLS. */
  Mono<Void> connect(String endpoint) {
    return fresh
        .get()
        .uri(endpoint)
        .httpRequest(
            request -> {
              throw new IllegalStateException("Connected"); // before a byte is sent
            })
        .exchangeToMono(ClientResponse::releaseBody)
        .onErrorComplete();
  }
}
