package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** The credential of {@code Authorization: Bearer} (RFC 6750, section 2.1). */
final class BearerCredential {
  private static final String SCHEME = "Bearer ";

  private BearerCredential() {}

  /**
   * @throws ProblemException if the request shows none
   */
  static String of(Request request) {
    String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new ProblemException(Challenge.UNAUTHENTICATED);
    }
    return authorization.substring(SCHEME.length()).strip();
  }
}
