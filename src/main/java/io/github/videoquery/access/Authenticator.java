package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/** Finds the client that a credential belongs to. */
interface Authenticator {
  /**
   * The client, if it is known without blocking; null if {@link #verify} has to be called.
   *
   * @throws ProblemException if this cannot be a valid credential
   */
  @Nullable Client recognize(String credential);

  /** Fetches what is needed to verify credentials; may block. */
  default void fetchKeys() {}

  /**
   * The client; may block.
   *
   * @throws ProblemException if the credential is not valid, or cannot be verified now
   */
  Client verify(String credential);
}
