package io.github.videoquery.upstream;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A secret the provider gave us. It prints as {@code ***}; only the request's header sees {@link
 * #secret()}.
 */
record ApiKey(String secret) {
  /** So much of an answer is searched at once: the JDK's search is quick, but wants text. */
  private static final int WINDOW_BYTES = 64 << 10;

  /** Public for the configuration binder. */
  public ApiKey {
    secret = secret.strip();
  }

  /**
   * The keys of a file, one a line.
   *
   * @throws IllegalArgumentException with a sentence that says how to fix the file
   */
  static List<ApiKey> parse(byte[] file) {
    List<ApiKey> keys =
        new String(file, StandardCharsets.UTF_8)
            .lines()
            .map(ApiKey::new)
            .filter(key -> !key.isBlank())
            .toList();
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("The file holds no key; write one a line.");
    }
    if (!keys.stream().allMatch(ApiKey::isWellFormed)) {
      throw new IllegalArgumentException(
          "A line holds a character that cannot travel in a header.");
    }
    return keys;
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
    for (int from = 0; from < bytes.length; from += WINDOW_BYTES) {
      int length = Math.min(bytes.length - from, WINDOW_BYTES + secret.length() - 1);
      if (new String(bytes, from, length, StandardCharsets.ISO_8859_1).contains(secret)) {
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
