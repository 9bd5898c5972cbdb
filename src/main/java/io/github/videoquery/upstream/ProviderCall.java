package io.github.videoquery.upstream;

import io.github.videoquery.dialect.Classified;
import io.github.videoquery.dialect.ReplyClassifier;
import io.github.videoquery.dialect.SchemaDrift;
import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.time.TimeSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Mono;

/**
 * One call to an account: a request on a pooled connection and, in two cases, one more on a new
 * connection. The cases: the first connection gave no byte of a response, or its response is about
 * another task. A new connection, because the pool's next one may be as dead as the first.
 */
final class ProviderCall implements Call {
  private final String account;
  private final String endpoint;
  private final boolean comparesIds;
  private final Supplier<CallClients> clients;
  private final BodyReader bodies;
  private final CallDeadlines deadlines;
  private final ReplyClassifier classifier;
  private final DriftAlarm drift;
  private final TimeSource time;
  private final AddressAlarm addressAlarm;
  private final ReachabilityAlarm reachability;
  private final boolean isProxied;

  ProviderCall(
      AccountProperties settings,
      Supplier<CallClients> clients,
      BodyReader bodies,
      CallDeadlines deadlines,
      ReplyClassifier classifier,
      DriftAlarm drift,
      TimeSource time) {
    this.account = Objects.requireNonNull(settings.name());
    URI address = settings.endpoint();
    this.endpoint = address + "?id=";
    this.addressAlarm = new AddressAlarm(account, address, time);
    HttpProxy proxy = settings.proxyToUse();
    this.isProxied = proxy != null;
    this.reachability =
        new ReachabilityAlarm(account, new Unreached(account, address, proxy), time);
    this.classifier = classifier;
    this.comparesIds = !Boolean.FALSE.equals(settings.compareIds());
    this.clients = clients;
    this.bodies = bodies;
    this.deadlines = deadlines;
    this.drift = drift;
    this.time = time;
  }

  @Override
  public Mono<Void> connect() {
    return clients.get().connect(endpoint);
  }

  @Override
  public TaskReply make(
      TaskQuery query, ApiKey key, long deadline, BooleanSupplier mayRepeat, HeldBodies held) {
    Attempt attempt = attempt(clients.get().pooled(), query, key, deadline, held);
    if (attempt.isRepeatable() && mayRepeat.getAsBoolean()) {
      attempt = attempt(clients.get().fresh(), query, key, deadline, held);
    }
    reachability.look(attempt.reply(), attempt.failure());
    return attempt.reply();
  }

  private record Attempt(TaskReply reply, boolean isRepeatable, @Nullable Throwable failure) {}

  private Attempt attempt(
      WebClient client, TaskQuery query, ApiKey key, long deadline, HeldBodies held) {
    var connection = new CallConnection();
    try (BodyRoom room = bodies.room()) {
      ProviderAnswer answer = exchange(client, query, key, deadline, room, connection);
      if (answer.broken() != null) {
        connection.close(); // else it would stay in the pool, with the rest of the body to come
      }
      TaskReply reply = reply(answer, query, key);
      held.add(reply);
      addressAlarm.look(reply, answer.location());
      boolean isForeign =
          reply instanceof Refused refused && refused.refusal() == Refusal.ANOTHER_TASK;
      if (isForeign) {
        drift.count(SchemaDrift.FOREIGN_TASK);
        connection.close(); // its next answer would be about another task, too
      }
      return new Attempt(reply, isForeign, null);
    } catch (RuntimeException e) {
      Throwable failure = e.getCause() == null ? e : e.getCause();
      return new Attempt(
          CallFailure.reply(e, isProxied), CallFailure.brokeBeforeAnswer(e), failure);
    }
  }

  private TaskReply reply(ProviderAnswer answer, TaskQuery query, ApiKey key) {
    int status = answer.response().status();
    if (answer.broken() != null && status / 100 == 2) {
      return new Refused(answer.broken(), status, null);
    }
    Classified classified = classifier.classify(answer.response(), comparesIds ? query.id() : null);
    if (classified.reply() instanceof Known && key.isIn(answer.response().body())) {
      drift.count(SchemaDrift.KEY_IN_BODY);
      return new Refused(Refusal.INVALID_RESPONSE, status, null);
    }
    drift.look(account, query.id(), classified);
    return classified.reply();
  }

  private ProviderAnswer exchange(
      WebClient client,
      TaskQuery query,
      ApiKey key,
      long deadline,
      BodyRoom room,
      CallConnection connection) {
    Mono<ProviderAnswer> call =
        client
            .get()
            .uri(uri(query))
            .header(HttpHeaders.AUTHORIZATION, "Bearer " + key.secret())
            .httpRequest(request -> connection.take(request))
            .exchangeToMono(response -> ProviderAnswer.read(response, bodies, room, time));
    return Objects.requireNonNull(deadlines.within(deadline - time.nanoTime(), call).block());
  }

  private URI uri(TaskQuery query) {
    String id = UriUtils.encode(query.id().value(), StandardCharsets.US_ASCII);
    return URI.create(
        query.parameters().isEmpty() ? endpoint + id : endpoint + id + '&' + query.parameters());
  }
}
