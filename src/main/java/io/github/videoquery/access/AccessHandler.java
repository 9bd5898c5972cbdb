package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import java.time.InstantSource;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Lets only known callers ask about tasks: whoever shows no valid credential is answered 401. Other
 * paths are open to all.
 */
public final class AccessHandler extends Handler.Wrapper {
  private static final String SCHEME = "Bearer ";

  static final String CHALLENGE = "Bearer realm=\"video-query-gateway\"";

  static final Problem UNAUTHENTICATED =
      Problem.of(ProblemCode.UNAUTHENTICATED).withHeader("WWW-Authenticate", CHALLENGE);

  private static final Problem INVALID_KEY =
      Problem.of(ProblemCode.UNAUTHENTICATED, "The key is unknown or has expired.")
          .withHeader("WWW-Authenticate", CHALLENGE + ", error=\"invalid_token\"");

  private final @Nullable Clients clients;
  private final ClientMetrics metrics;
  private final InstantSource clock;

  /**
   * @param clients null lets anyone ask
   */
  AccessHandler(@Nullable Clients clients, ClientMetrics metrics, InstantSource clock) {
    this.clients = clients;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!TaskQuery.PATH.equals(request.getHttpURI().getCanonicalPath())) {
      return super.handle(request, response, callback);
    }
    request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, TaskQuery.PATH);
    Caller caller;
    try {
      caller = clients == null ? Caller.ANYONE : identify(clients, request);
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, new Counted(null, response, callback));
      return true;
    }
    caller.admit(request);
    try {
      return super.handle(request, response, new Counted(caller, response, callback));
    } catch (Exception defect) { // answered outside, past our callback
      metrics.answered(caller, HttpStatus.INTERNAL_SERVER_ERROR_500);
      throw defect;
    }
  }

  /**
   * @throws ProblemException if the request shows no key of a known client
   */
  private Caller identify(Clients known, Request request) {
    String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
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

  /** Counts the request under its caller, if anyone was admitted, once it has been answered. */
  private final class Counted extends Callback.Nested {
    private final @Nullable Caller caller;
    private final Response response;

    Counted(@Nullable Caller caller, Response response, Callback callback) {
      super(callback);
      this.caller = caller;
      this.response = response;
    }

    @Override
    public void succeeded() {
      metrics.answered(caller, response.getStatus());
      super.succeeded();
    }

    @Override
    public void failed(Throwable failure) {
      metrics.answered(caller, response.getStatus());
      super.failed(failure);
    }
  }
}
