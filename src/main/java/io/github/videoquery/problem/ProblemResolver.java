package io.github.videoquery.problem;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Turns whatever Spring MVC throws into a problem. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProblemResolver implements HandlerExceptionResolver {
  private static final Logger log = LoggerFactory.getLogger(ProblemResolver.class);

  @Override
  public ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception error) {
    if (!Disconnect.isIn(error)) {
      answer(problemOf(error), response);
    }
    return new ModelAndView();
  }

  /**
   * Reading from the caller or writing to it failed: it has gone, and there is nobody left to
   * answer.
   */
  private static void answer(Problem problem, HttpServletResponse response) {
    try {
      problem.writeTo(response);
    } catch (IOException gone) {
      log.debug("The caller has gone", gone);
    }
  }

  private static Problem problemOf(Exception error) {
    if (error instanceof ProblemException answer) {
      return answer.problem();
    }
    if (error instanceof ErrorResponse refusal) {
      return ofRefusal(refusal);
    }
    log.error("Unexpected failure", error);
    return Problem.ofStatus(500);
  }

  private static String sentence(String reason) {
    return reason.endsWith(".") ? reason : reason + ".";
  }

  /** An endpoint of the management port says what is missing or wrong; Spring MVC does not. */
  private static Problem ofRefusal(ErrorResponse refusal) {
    int status = refusal.getStatusCode().value();
    Problem problem =
        refusal instanceof ResponseStatusException said && said.getReason() != null
            ? Problem.of(ProblemCode.ofStatus(status), sentence(said.getReason()))
            : Problem.ofStatus(status);
    String allow = refusal.getHeaders().getFirst("Allow");
    return allow == null ? problem : problem.withHeader("Allow", allow);
  }
}
