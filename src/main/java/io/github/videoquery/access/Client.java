package io.github.videoquery.access;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.springframework.util.PatternMatchUtils;

/**
 * An authenticated client.
 *
 * @param name the client's name from the clients file
 * @param models globs over the models whose tasks it may see; null means all
 * @param limiter its rate limiter; null for no limit
 */
public record Client(String name, @Nullable List<String> models, @Nullable RateLimiter limiter) {
  static final Client ANYONE = new Client("anyone", null, null);

  private static final Problem FORBIDDEN =
      Challenge.insufficientScope(Problem.of(ProblemCode.FORBIDDEN), "");
  private static final String ATTRIBUTE = Client.class.getName();

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
   * @throws ProblemException if this client may not see tasks of the id's model, or the id tells
   *     none
   */
  public void requireMayAsk(TaskId id) {
    Problem refusal = refusal(id);
    if (refusal != null) {
      throw new ProblemException(refusal);
    }
  }

  /** Why it may not see the task: because of its model, or the id tells none; null if it may. */
  public @Nullable Problem refusal(TaskId id) {
    if (models == null) {
      return null;
    }
    boolean allowed =
        id.model()
            .filter(
                model ->
                    models.stream().anyMatch(glob -> PatternMatchUtils.simpleMatch(glob, model)))
            .isPresent();
    return allowed ? null : FORBIDDEN;
  }
}
