package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.springframework.util.PatternMatchUtils;

/**
 * Who asks.
 *
 * @param name the client's name from the clients file
 * @param models globs over the models whose tasks it may see; empty means all
 */
public record Caller(String name, List<String> models) {
  static final Caller ANYONE = new Caller("anyone", List.of());

  private static final Problem FORBIDDEN =
      Problem.of(ProblemCode.FORBIDDEN)
          .withHeader(
              "WWW-Authenticate", AccessHandler.CHALLENGE + ", error=\"insufficient_scope\"");
  private static final String ATTRIBUTE = Caller.class.getName();

  /**
   * The caller admitted to this request.
   *
   * @throws ProblemException if nobody has been: the request did not pass access control
   */
  public static Caller of(Request request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
      return caller;
    }
    throw new ProblemException(AccessHandler.UNAUTHENTICATED);
  }

  /** Whether nobody asked who it is. */
  @SuppressWarnings("ReferenceEquality") // a client may be called the same
  public boolean isAnyone() {
    return this == ANYONE;
  }

  void admit(Request request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /**
   * @throws ProblemException if this caller may not see tasks of the id's model, or the id tells
   *     none
   */
  public void requireMayAsk(TaskId id) {
    if (models.isEmpty()) {
      return;
    }
    boolean allowed =
        id.model()
            .filter(
                model ->
                    models.stream().anyMatch(glob -> PatternMatchUtils.simpleMatch(glob, model)))
            .isPresent();
    if (!allowed) {
      throw new ProblemException(FORBIDDEN);
    }
  }
}
