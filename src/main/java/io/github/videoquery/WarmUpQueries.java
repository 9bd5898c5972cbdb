package io.github.videoquery;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** The provider and the client of a {@link WarmUp}. */
final class WarmUpQueries implements AutoCloseable {
  private static final int CONCURRENT_QUERIES = 32;
  private static final String FINISHED =
      "{\"status\":\"completed\",\"video_url\":\"https://videos.example/v.mp4\",\"prompt\":\""
          + "x".repeat(2000)
          + "\"}";
  private static final String UNFINISHED = FINISHED.replace("completed", "processing");

  private final LoopResources threads = LoopResources.create("warm-up", 1, true);
  private final ConnectionProvider connections =
      ConnectionProvider.create("warm-up", CONCURRENT_QUERIES);
  private final DisposableServer provider = provider(threads);

  int providersPort() {
    return provider.port();
  }

  /**
   * Sends queries to the gateway on this port for this time.
   *
   * @return how many were answered
   * @throws IllegalStateException if an answer is not 200
   */
  long ask(@Nullable String port, Duration length) {
    HttpClient client =
        HttpClient.create(connections).runOn(threads).baseUrl("http://127.0.0.1:" + port);
    return Objects.requireNonNull(
        Flux.range(0, Integer.MAX_VALUE)
            .flatMap(number -> query(client, number), CONCURRENT_QUERIES)
            .take(length)
            .count()
            .block());
  }

  private static DisposableServer provider(LoopResources threads) {
    return HttpServer.create()
        .host("127.0.0.1")
        .port(0)
        .runOn(threads)
        .handle(
            (request, response) ->
                response
                    .header("Content-Type", "application/json")
                    .sendString(
                        Mono.just(request.uri().contains("finished") ? FINISHED : UNFINISHED)))
        .bindNow();
  }

  /** A hit, of which one in four is compressed, or a miss. */
  private static Mono<?> query(HttpClient client, int number) {
    boolean isHit = number % 2 == 0;
    return client
        .headers(
            headers -> {
              if (number % 8 == 2) {
                headers.set("Accept-Encoding", "gzip");
              }
            })
        .get()
        .uri("/v1/video/query?id=" + (isHit ? "finished" : "task-" + number))
        .responseSingle(
            (response, body) ->
                response.status().code() == 200
                    ? body.asByteArray()
                    : Mono.error(new IllegalStateException("Answered " + response.status())));
  }

  @Override
  public void close() {
    provider.disposeNow();
    connections.dispose();
    threads.dispose();
  }
}
