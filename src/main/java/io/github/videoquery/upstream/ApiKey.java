package io.github.videoquery.upstream;

/**
 * A secret the provider gave us. It prints as {@code ***}; only the request's header sees {@link
 * #secret()}.
 */
record ApiKey(String secret) {
  /** Public for the configuration binder. */
  public ApiKey {
    secret = secret.strip();
  }

  boolean isBlank() {
    return secret.isEmpty();
  }

  /** Whether it can travel in a header: visible ASCII throughout. */
  boolean isWellFormed() {
    return !isBlank() && secret.chars().allMatch(c -> c > ' ' && c <= '~');
  }

  @Override
  public String toString() {
    return "***";
  }
}
