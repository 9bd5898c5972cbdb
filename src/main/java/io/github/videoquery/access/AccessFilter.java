package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.HandlerMapping;

/** Lets only known callers pass: whoever shows no valid credential is answered 401. */
final class AccessFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String SCHEME = "Bearer ";

  static final String CHALLENGE = "Bearer realm=\"video-query-gateway\"";

  static final Problem UNAUTHENTICATED =
      Problem.of(ProblemCode.UNAUTHENTICATED).withHeader("WWW-Authenticate", CHALLENGE);

  private static final Problem INVALID_KEY =
      Problem.of(ProblemCode.UNAUTHENTICATED, "The key is unknown or has expired.")
          .withHeader("WWW-Authenticate", CHALLENGE + ", error=\"invalid_token\"");

  private final transient @Nullable Clients clients;
  private final transient ClientMetrics metrics;
  private final transient InstantSource clock;

  /**
   * @param clients null lets anyone ask
   */
  AccessFilter(@Nullable Clients clients, ClientMetrics metrics, InstantSource clock) {
    this.clients = clients;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, TaskQuery.PATH);
    Caller caller = null;
    int status = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
    try {
      caller = clients == null ? Caller.ANYONE : identify(clients, request);
      caller.admit(request);
      chain.doFilter(request, response);
      status = response.getStatus();
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response);
      status = response.getStatus();
    } finally {
      metrics.answered(caller, status);
    }
  }

  /**
   * @throws ProblemException if the request shows no key of a known client
   */
  private Caller identify(Clients known, HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new ProblemException(UNAUTHENTICATED);
    }
    Caller caller = known.find(authorization.substring(SCHEME.length()).strip(), clock.instant());
    if (caller == null) {
      throw new ProblemException(INVALID_KEY);
    }
    return caller;
  }
}
