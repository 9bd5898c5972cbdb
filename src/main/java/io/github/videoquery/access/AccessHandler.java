package io.github.videoquery.access;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.edge.RequestCheckHandler;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the clients of task queries and applies their rate limits; without a valid
 * credential the answer is 401. Other paths need no credential.
 */
public final class AccessHandler extends Handler.Wrapper {
  private final @Nullable Authenticator authenticator;
  private final ClientAddress address;
  private final FailedAttempts failedAttempts;
  private final ClientMetrics metrics;

  /**
   * @param authenticator null lets anyone ask
   */
  AccessHandler(
      @Nullable Authenticator authenticator,
      ClientAddress address,
      FailedAttempts failedAttempts,
      ClientMetrics metrics) {
    this.authenticator = authenticator;
    this.address = address;
    this.failedAttempts = failedAttempts;
    this.metrics = metrics;
  }

  /** The request fields by which answers vary, since they say who asks; empty in mode none. */
  public String variesBy() {
    return authenticator == null ? "" : Credential.FIELDS;
  }

  /** What a trusted proxy took off the path; empty for nothing. */
  public String forwardedPrefix(Request request) {
    return address.forwardedPrefix(request);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Exchange exchange = Exchange.of(request);
    if (!exchange.isQuery()) {
      return super.handle(request, response, callback);
    }
    exchange.route(TaskQuery.PATH);
    if (authenticator == null) {
      return proceed(Client.ANYONE, request, response, callback);
    }
    try {
      String credential = Credential.of(request);
      Client caller = authenticator.recognize(credential);
      if (caller == null) {
        VirtualThreadHandler.handOver(
            () -> verify(authenticator, credential, request, response, callback),
            request,
            response,
            callback);
        return true;
      }
      return proceed(caller, request, response, callback);
    } catch (ProblemException refusal) {
      refuse(refusal.problem(), request, response, callback);
      return true;
    }
  }

  private boolean verify(
      Authenticator verifier,
      String credential,
      Request request,
      Response response,
      Callback callback)
      throws Exception {
    Client caller;
    try {
      caller = verifier.verify(credential);
    } catch (ProblemException refusal) {
      refuse(refusal.problem(), request, response, callback);
      return true;
    }
    return proceed(caller, request, response, callback);
  }

  private boolean proceed(Client caller, Request request, Response response, Callback callback)
      throws Exception {
    caller.admit(request);
    var counted = new Counted(caller, response, callback);
    try {
      caller.chargeHit();
    } catch (ProblemException refusal) {
      refusal.problem().writeTo(response, counted);
      return true;
    }
    try {
      return super.handle(request, response, counted);
    } catch (Exception defect) { // the outer handler answers it, without our callback
      metrics.answered(caller, HttpStatus.INTERNAL_SERVER_ERROR_500);
      throw defect;
    }
  }

  private void refuse(Problem refusal, Request request, Response response, Callback callback) {
    Problem problem = failedAttempts.count(address.of(request), refusal);
    if (RequestCheckHandler.hasBody(request)) { // it is not read
      response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    }
    problem.writeTo(response, new Counted(null, response, callback));
  }

  /** Counts the request under its caller, if anyone was admitted, once it has been answered. */
  private final class Counted extends Callback.Nested {
    private final @Nullable Client caller;
    private final Response response;

    Counted(@Nullable Client caller, Response response, Callback callback) {
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
