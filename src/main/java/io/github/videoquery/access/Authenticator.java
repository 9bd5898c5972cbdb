package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Finds the client that a credential belongs to. */
interface Authenticator {
  /**
   * The client, if it is known without blocking; null if {@link #verify} has to be called.
   *
   * @throws ProblemException if this cannot be a valid credential
   */
  @Nullable Client recognize(String credential);

  /**
   * Fetches what is needed to verify credentials.
   *
   * @param longest the longest time that it may take
   */
  default void warmUp(Duration longest) {}

  /**
   * The client; may block.
   *
   * @throws ProblemException if the credential is not valid, or cannot be verified now
   */
  Client verify(String credential);
}
