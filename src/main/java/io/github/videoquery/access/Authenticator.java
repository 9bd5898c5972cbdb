package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/** Tells who shows a credential. */
interface Authenticator {
  /** The challenge to whoever shows none (RFC 6750, section 3). */
  String CHALLENGE = "Bearer realm=\"video-query-gateway\"";

  /**
   * The caller, if it can be told at once; null if it takes {@link #verify}. Never blocks.
   *
   * @throws ProblemException if this can be nobody's credential
   */
  @Nullable Client recognize(String credential);

  /**
   * The caller; may block.
   *
   * @throws ProblemException if this is nobody's credential, or that cannot be told now
   */
  Client verify(String credential);

  /** The refusal of a credential that is nobody's. */
  static Problem refusal(String detail) {
    return Problem.of(ProblemCode.UNAUTHENTICATED, detail)
        .withHeader(
            "WWW-Authenticate",
            CHALLENGE + ", error=\"invalid_token\", error_description=\"" + detail + '"');
  }
}
