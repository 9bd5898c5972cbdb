package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * What a client shows: {@code Authorization: Bearer} (RFC 6750, section 2.1), or without that
 * {@code X-Api-Key}.
 */
final class Credential {
  /** The request fields that may hold it: answers vary by them. */
  static final String FIELDS = "Authorization, X-Api-Key";

  private static final String SCHEME = "Bearer ";
  private static final String API_KEY = "X-Api-Key";

  private Credential() {}

  /**
   * @throws ProblemException if the request shows none
   */
  static String of(Request request) {
    HttpFields fields = request.getHeaders();
    String authorization = fields.get(HttpHeader.AUTHORIZATION);
    if (authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return authorization.substring(SCHEME.length()).strip();
    }
    String key = fields.get(API_KEY);
    if (key == null || key.isBlank()) {
      throw new ProblemException(
          authorization == null ? Challenge.UNAUTHENTICATED : Challenge.NO_BEARER);
    }
    return key.strip();
  }
}
