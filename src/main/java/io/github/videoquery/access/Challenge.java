package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;

/** The answers to requests without a valid credential (RFC 6750, section 3). */
final class Challenge {
  private static final String FIELD = "WWW-Authenticate";
  private static final String BEARER = "Bearer realm=\"video-query-gateway\"";

  /** The answer to a request without a credential. */
  static final Problem UNAUTHENTICATED =
      Problem.of(ProblemCode.UNAUTHENTICATED).withHeader(FIELD, BEARER);

  /** The answer to {@code Authorization} without the scheme, or with another one. */
  static final Problem NO_BEARER =
      Problem.of(
              ProblemCode.UNAUTHENTICATED,
              "The field Authorization has no key or token in the form that is read: send"
                  + " 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'.")
          .withHeader(FIELD, BEARER);

  /** The answer to a client that may see tasks of other models. */
  static final Problem ANOTHER_MODEL = insufficientScope(Problem.of(ProblemCode.FORBIDDEN), "");

  /** The answer to a token that names other tasks. */
  static final Problem ANOTHER_TASK =
      insufficientScope(
          Problem.of(
              ProblemCode.FORBIDDEN,
              "The token names the tasks that it may be used for, and this is none of them."),
          "");

  private Challenge() {}

  /** The refusal of an unknown or invalid credential. */
  static Problem invalidToken(String detail) {
    return Problem.of(ProblemCode.UNAUTHENTICATED, detail)
        .withHeader(
            FIELD, BEARER + ", error=\"invalid_token\", error_description=\"" + detail + '"');
  }

  /** The refusal of a credential without the required rights, with further attributes. */
  static Problem insufficientScope(Problem forbidden, String attributes) {
    return forbidden.withHeader(FIELD, BEARER + ", error=\"insufficient_scope\"" + attributes);
  }
}
