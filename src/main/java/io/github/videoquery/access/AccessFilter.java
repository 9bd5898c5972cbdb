package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.TaskQuery;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.ServerHttpObservationFilter;

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
  private final transient InstantSource clock;

  /**
   * @param clients null lets anyone ask
   */
  AccessFilter(@Nullable Clients clients, InstantSource clock) {
    this.clients = clients;
    this.clock = clock;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    nameInMetrics(request);
    if (clients == null) {
      Caller.ANYONE.admit(request);
      chain.doFilter(request, response);
      return;
    }
    String authorization = request.getHeader("Authorization");
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      UNAUTHENTICATED.writeTo(response);
      return;
    }
    Caller caller = clients.find(authorization.substring(SCHEME.length()).strip(), clock.instant());
    if (caller == null) {
      INVALID_KEY.writeTo(response);
      return;
    }
    caller.admit(request);
    chain.doFilter(request, response);
  }

  /** Without it, an answer given before Spring MVC would be counted under an unknown URI. */
  private static void nameInMetrics(HttpServletRequest request) {
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observation -> observation.setPathPattern(TaskQuery.PATH));
  }
}
