package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
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
              "WWW-Authenticate", AccessFilter.CHALLENGE + ", error=\"insufficient_scope\"");
  private static final String ATTRIBUTE = Caller.class.getName();

  /**
   * The caller admitted to this request.
   *
   * @throws ProblemException if nobody has been: the request did not pass the access filter
   */
  public static Caller of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
      return caller;
    }
    throw new ProblemException(AccessFilter.UNAUTHENTICATED);
  }

  void admit(HttpServletRequest request) {
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
