package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.time.TimeSource;

/** Mode {@code api-key}: a client shows one of the keys whose hashes the clients file lists. */
record ApiKeyAuthenticator(ClientsFile file, TimeSource time) implements Authenticator {
  private static final Problem UNKNOWN =
      Challenge.invalidToken("The key is unknown or has expired.");

  @Override
  public Client recognize(String key) {
    Client caller = file.clients().ofKey(key, time.instant());
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
