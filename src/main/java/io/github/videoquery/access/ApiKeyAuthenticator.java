package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemException;
import java.time.InstantSource;

/** Mode {@code api-key}: a client shows one of the keys whose hashes the clients file lists. */
record ApiKeyAuthenticator(ClientsFile file, InstantSource clock) implements Authenticator {
  private static final Problem UNKNOWN =
      Authenticator.refusal("The key is unknown or has expired.");

  @Override
  public Client recognize(String key) {
    Client caller = file.clients().ofKey(key, clock.instant());
    if (caller == null) {
      throw new ProblemException(UNKNOWN);
    }
    return caller;
  }

  @Override
  public Client verify(String key) {
    return recognize(key);
  }
}
