package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import org.jspecify.annotations.Nullable;

/** Tells who shows a credential. */
interface Authenticator {
  /**
   * The client, if it can be told at once; null if it takes {@link #verify}. Never blocks.
   *
   * @throws ProblemException if this can be nobody's credential
   */
  @Nullable Client recognize(String credential);

  /**
   * The client; may block.
   *
   * @throws ProblemException if this is nobody's credential, or that cannot be told now
   */
  Client verify(String credential);
}
