package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.upstream.Drift.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/**
 * One call to an account: a request on a pooled connection and, in two cases, one more on a new
 * connection. The cases: the first connection gave no byte of a response, or its response is about
 * another task. A new connection, because the pool's next one may be as dead as the first.
 */
final class ProviderCall {
  private static final Drift FOREIGN_TASK = new Drift(Kind.FOREIGN_TASK, "id");

  private final String account;
  private final String endpoint;
  private final boolean comparesIds;
  private final Supplier<Clients> clients;
  private final BodyReader bodies;
  private final CallDeadlines deadlines;
  private final DriftAlarm drift;

  /**
   * The same client over two kinds of connections.
   *
   * @param fresh makes a connection for each request
   */
  record Clients(WebClient pooled, WebClient fresh) {}

  ProviderCall(
      UpstreamAccountProperties settings,
      Supplier<Clients> clients,
      BodyReader bodies,
      CallDeadlines deadlines,
      DriftAlarm drift) {
    this.account = Objects.requireNonNull(settings.name());
    this.endpoint =
        Objects.requireNonNull(settings.baseUrl()).toString().replaceFirst("/+$", "")
            + TaskQuery.PATH
            + "?id=";
    this.comparesIds = !Boolean.FALSE.equals(settings.compareIds());
    this.clients = clients;
    this.bodies = bodies;
    this.deadlines = deadlines;
    this.drift = drift;
  }

  /**
   * @param deadline on {@link System#nanoTime()}
   * @param mayRepeat asked before a second request
   */
  TaskReply make(TaskQuery query, String key, long deadline, BooleanSupplier mayRepeat) {
    Attempt first = attempt(clients.get().pooled(), query, key, deadline);
    return first.isRepeatable() && mayRepeat.getAsBoolean()
        ? attempt(clients.get().fresh(), query, key, deadline).reply()
        : first.reply();
  }

  private record Attempt(TaskReply reply, boolean isRepeatable) {}

  private Attempt attempt(WebClient client, TaskQuery query, String key, long deadline) {
    var connection = new AtomicReference<@Nullable Connection>();
    try (BodyReader.Room room = bodies.room()) {
      TaskReply reply = exchange(client, query, key, deadline, room, connection);
      boolean isForeign =
          reply instanceof Refused refused && refused.refusal() == Refusal.ANOTHER_TASK;
      if (isForeign) {
        drift.count(FOREIGN_TASK);
        close(connection.get());
      }
      return new Attempt(reply, isForeign);
    } catch (RuntimeException e) {
      return new Attempt(UpstreamTrouble.reply(e), UpstreamTrouble.brokeBeforeAnswer(e));
    }
  }

  private TaskReply exchange(
      WebClient client,
      TaskQuery query,
      String key,
      long deadline,
      BodyReader.Room room,
      AtomicReference<@Nullable Connection> connection) {
    Mono<UpstreamAnswer> call =
        client
            .get()
            .uri(uri(query))
            .header(HttpHeaders.AUTHORIZATION, "Bearer " + key)
            .httpRequest(request -> connection.set(connectionOf(request)))
            .exchangeToMono(response -> UpstreamAnswer.read(response, bodies, room));
    return Objects.requireNonNull(deadlines.within(deadline - System.nanoTime(), call).block())
        .classified(
            comparesIds ? query.id() : null, fields -> drift.look(account, query.id(), fields));
  }

  private static Connection connectionOf(ClientHttpRequest request) {
    return request.getNativeRequest();
  }

  /** It answers one request with the response to another; the next would be wrong as well. */
  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      var _ = connection.channel().close();
    }
  }

  private URI uri(TaskQuery query) {
    String id = UriUtils.encode(query.id().value(), StandardCharsets.US_ASCII);
    return URI.create(
        query.parameters().isEmpty() ? endpoint + id : endpoint + id + '&' + query.parameters());
  }
}
