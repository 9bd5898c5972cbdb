package io.github.videoquery.edge;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests that no later handler should see. It runs behind the handler for CORS, so that
 * pages can read the refusals.
 */
public final class RequestCheckHandler extends Handler.Wrapper {
  /** The servlet would answer TRACE by an echo of the request, credentials included. */
  private static final Problem NO_TRACE =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  /** Rules of proxies for the path would not match other forms of it. */
  private static final Problem NOT_PLAIN =
      Problem.of(
          ProblemCode.BAD_REQUEST,
          "Send the path without ';', dot segments and escapes: /v1/video/query.");

  /** Whether a body follows the request's fields (RFC 9112, section 6.3). */
  public static boolean hasBody(Request request) {
    return request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getMethod().equals("TRACE")) {
      NO_TRACE.writeTo(response, callback);
    } else if (Exchange.of(request).isQuery() && !isPlain(request.getHttpURI())) {
      NOT_PLAIN.writeTo(response, callback);
    } else if (request.getLength() > RequestBodyHandler.MAX_BYTES) {
      RequestBodyHandler.TOO_LARGE.writeTo(response, callback);
    } else {
      return super.handle(request, response, callback);
    }
    return true;
  }

  private static boolean isPlain(HttpURI uri) {
    return uri.getCanonicalPath().equals(uri.getPath());
  }
}
