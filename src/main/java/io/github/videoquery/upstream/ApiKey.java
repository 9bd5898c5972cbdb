package io.github.videoquery.upstream;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A secret the provider gave us. It prints as {@code ***}; only the request's header sees {@link
 * #secret()}.
 */
record ApiKey(String secret) {
  /** So much of an answer is searched at once: the JDK's search is quick, but wants text. */
  private static final int WINDOW_BYTES = 64 << 10;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** What people write around a key by mistake. */
  private static final List<Slip> SLIPS =
      List.of(
          new Slip("#.*", "begins with '#'. Write keys only, without comments."),
          new Slip("[\"'`].*|.*[\"'`]", "is in quotes. Write the key without them."),
          new Slip("[{\\[].*", "looks like JSON. Write the key alone."),
          new Slip("[$<%].*", "is a placeholder. Write the key itself."),
          new Slip("-----BEGIN.*", "begins a certificate or a private key. Write the API key."),
          new Slip(
              "(authorization|x-api-key|[\\w.-]*(key|token|secret)):.*|[\\w-]+:\\s.*",
              "holds a name and a colon. Write the key alone."),
          new Slip(
              "(bearer|basic)([\\s:].*)?",
              "begins with a word like 'Bearer', which the gateway adds. Write the key alone."),
          new Slip(
              "(export\\s+\\w+|(?-i:[A-Z][A-Z0-9_]{2,})|[\\w.-]*(key|token|secret))\\s*=\\s*[^=\\s].*",
              "names a variable. Write only what follows its '='."),
          new Slip(
              ".*[^!-~].*",
              "holds a character that a header cannot carry: a space, or one outside of ASCII."));

  /**
   * @param form a regular expression, without regard to case
   * @param remedy the rest of a sentence, without the key
   */
  private record Slip(Pattern form, String remedy) {
    Slip(String form, String remedy) {
      this(Pattern.compile(form, Pattern.CASE_INSENSITIVE | Pattern.DOTALL), remedy);
    }
  }

  /** Public for the configuration binder. */
  public ApiKey {
    secret = (secret.startsWith(BYTE_ORDER_MARK) ? secret.substring(1) : secret).strip();
  }

  /**
   * The keys of a file, one a line.
   *
   * @throws IllegalArgumentException with a sentence that says how to fix the file
   */
  static List<ApiKey> parse(byte[] file) {
    List<ApiKey> lines = new String(file, StandardCharsets.UTF_8).lines().map(ApiKey::new).toList();
    for (int i = 0; i < lines.size(); i++) {
      String slip = lines.get(i).isBlank() ? null : lines.get(i).slip();
      if (slip != null) {
        throw new IllegalArgumentException("Line " + (i + 1) + " of the file " + slip);
      }
    }
    List<ApiKey> keys = lines.stream().filter(key -> !key.isBlank()).toList();
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("The file holds no key; write one a line.");
    }
    return keys;
  }

  boolean isBlank() {
    return secret.isEmpty();
  }

  /**
   * Why it cannot be used, as the rest of a sentence, and what to do; null if it can. The text does
   * not show the key.
   */
  @Nullable String slip() {
    return SLIPS.stream()
        .filter(slip -> slip.form.matcher(secret).matches())
        .map(Slip::remedy)
        .findFirst()
        .orElse(null);
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
