package io.github.videoquery.access;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.util.PatternMatchUtils;

/**
 * An authenticated client.
 *
 * @param name the client's name from the clients file
 * @param models globs over the models whose tasks it may see; null means all
 * @param limiter its rate limiter; null for no limit
 * @param tasks the ids of the tasks that its token names; null if it is not limited to any
 * @param expires when its token is accepted no longer; null for a client without one
 */
public record Client(
    String name,
    @Nullable List<String> models,
    @Nullable RateLimiter limiter,
    @Nullable Set<String> tasks,
    @Nullable Instant expires) {
  static final Client ANYONE = new Client("anyone", null, null);

  private static final String ATTRIBUTE = Client.class.getName();

  /** The answer to a client whose token expired while it waited. */
  public static final Problem EXPIRED =
      Challenge.invalidToken("The token expired in the meantime. Send a new one.");

  /** A client without a token. */
  public Client(String name, @Nullable List<String> models, @Nullable RateLimiter limiter) {
    this(name, models, limiter, null, null);
  }

  /** The same client with what its token says. */
  Client with(@Nullable Set<String> named, Instant tokenExpires) {
    return new Client(name, models, limiter, named, tokenExpires);
  }

  /**
   * The client admitted to this request.
   *
   * @throws ProblemException if nobody has been: the request did not pass access control
   */
  public static Client of(Request request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Client client) {
      return client;
    }
    throw new ProblemException(Challenge.UNAUTHENTICATED);
  }

  /** Whether it was not authenticated, because access control is off. */
  @SuppressWarnings("ReferenceEquality") // a client may be called the same
  public boolean isAnyone() {
    return this == ANYONE;
  }

  void admit(Request request) {
    request.setAttribute(ATTRIBUTE, this);
    Exchange.of(request).admit(name);
  }

  /**
   * Charges the cost of a cache hit.
   *
   * @throws ProblemException {@code rate-limited}, if the client has not as much left
   */
  void chargeHit() {
    if (limiter != null) {
      limiter.takeHit();
    }
  }

  /**
   * Charges the rest of the cost of so many cache misses, after {@link #chargeHit()}.
   *
   * @throws ProblemException {@code rate-limited}, if the client has not as much left
   */
  public void chargeRestOfMisses(int count) {
    if (limiter != null) {
      limiter.takeRestOfMisses(count);
    }
  }

  /** The same without a refusal: whether the client had as much left. */
  public boolean tryChargeRestOfMiss() {
    return limiter == null || limiter.tryTakeRestOfMiss();
  }

  /** Refunds both charges, because the gateway is overloaded and refuses the query. */
  public void refundMisses(int count) {
    if (limiter != null) {
      limiter.returnMisses(count);
    }
  }

  /**
   * @throws ProblemException {@code forbidden}, if this client may not see the task
   */
  public void requireMayAsk(TaskId id) {
    Problem refusal = refusal(id);
    if (refusal != null) {
      throw new ProblemException(refusal);
    }
  }

  /**
   * When its token expires, on {@link TimeSource#nanoTime()}: at the given time at the latest.
   *
   * @param latest if the token expires later, or there is none
   */
  public long expires(long latest, TimeSource time) {
    if (expires == null) {
      return latest;
    }
    long now = time.nanoTime();
    Duration left = Duration.between(time.instant(), expires);
    return left.compareTo(Duration.ofNanos(latest - now)) < 0 ? now + left.toNanos() : latest;
  }

  /**
   * Why it may not see the task: its token names others, or its model is another; null if it may.
   */
  public @Nullable Problem refusal(TaskId id) {
    if (tasks != null && !tasks.contains(id.value())) {
      return Challenge.ANOTHER_TASK;
    }
    if (models == null) {
      return null;
    }
    boolean allowed =
        id.model()
            .filter(
                model ->
                    models.stream().anyMatch(glob -> PatternMatchUtils.simpleMatch(glob, model)))
            .isPresent();
    return allowed ? null : Challenge.ANOTHER_MODEL;
  }
}
