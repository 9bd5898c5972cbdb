package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriUtils;
import reactor.util.retry.Retry;

/**
 * Asks the provider about one task. Its failures are values: a {@link TaskReply} comes back within
 * the call's deadline.
 */
public final class UpstreamClient {
  private static final Retry ONCE_MORE =
      Retry.max(1)
          .filter(UpstreamTrouble::brokeBeforeAnswer)
          .onRetryExhaustedThrow((retry, signal) -> signal.failure());

  private final WebClient webClient;
  private final UpstreamKeys keys;
  private final MeterProvider<Timer> requests;
  private final String endpoint;
  private final Duration callTimeout;
  private final List<String> forwardParameters;

  UpstreamClient(
      WebClient webClient,
      UpstreamKeys keys,
      MeterProvider<Timer> requests,
      UpstreamProperties properties) {
    this.webClient = webClient;
    this.keys = keys;
    this.requests = requests;
    this.endpoint =
        Objects.requireNonNull(properties.baseUrl()).toString().replaceFirst("/+$", "")
            + "/v1/video/query?id=";
    this.callTimeout = properties.callTimeout();
    this.forwardParameters = properties.forwardParameters();
  }

  /** The names of the query parameters that may go along with a task's id. */
  public List<String> forwardParameters() {
    return forwardParameters;
  }

  /**
   * Asks once, and once more where the connection broke before any answer. Blocks the calling
   * virtual thread for at most {@code gateway.upstream.call-timeout}.
   */
  public TaskReply ask(TaskQuery query) {
    long start = System.nanoTime();
    TaskReply reply = call(query);
    requests
        .withTags("account", "default", "outcome", outcome(reply))
        .record(Duration.ofNanos(System.nanoTime() - start));
    return reply;
  }

  private TaskReply call(TaskQuery query) {
    try {
      UpstreamAnswer answer =
          webClient
              .get()
              .uri(uri(query))
              .headers(headers -> headers.setBearerAuth(keys.current().secret()))
              .exchangeToMono(UpstreamAnswer::read)
              .retryWhen(ONCE_MORE)
              .timeout(callTimeout)
              .block();
      return Objects.requireNonNull(answer).classified();
    } catch (RuntimeException e) {
      return new Unreachable(UpstreamTrouble.of(e));
    }
  }

  private URI uri(TaskQuery query) {
    String id = UriUtils.encode(query.id().value(), StandardCharsets.US_ASCII);
    return URI.create(
        query.parameters().isEmpty() ? endpoint + id : endpoint + id + '&' + query.parameters());
  }

  private static String outcome(TaskReply reply) {
    return switch (reply) {
      case TaskReply.Finished _ -> "finished";
      case TaskReply.Failed _ -> "failed";
      case TaskReply.Unfinished _ -> "unfinished";
      case TaskReply.NotFound _ -> "not_found";
      case Refused refused -> refused.refusal().name().toLowerCase(Locale.ROOT);
      case Unreachable unreachable -> unreachable.trouble().name().toLowerCase(Locale.ROOT);
    };
  }
}
