package io.github.videoquery.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

  /** Whether the bytes hold the key. */
  boolean isIn(byte[] bytes) {
    byte[] wanted = secret.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      if (bytes[at] == wanted[0]
          && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "***";
  }
}
