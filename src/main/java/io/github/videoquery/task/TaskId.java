package io.github.videoquery.task;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The provider's name for a task: 1 to {@value #MAX_LENGTH} visible ASCII characters, otherwise
 * opaque.
 *
 * <p>Three formats hold more information: {@code <model>:<unix seconds>-<suffix>}, {@code
 * <model>:task_<ULID>} and {@code <model>:<uuid>}. It is not trusted until the provider has
 * answered for the task.
 */
public record TaskId(String value) {
  public static final int MAX_LENGTH = 1024;

  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern UNIX_SECONDS = Pattern.compile("(\\d{10})-.+");
  private static final Pattern ULID =
      Pattern.compile("task_([0-7][0-9a-hjkmnp-tv-z]{9})[0-9a-hjkmnp-tv-z]{16}");
  private static final String CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

  /**
   * @throws IllegalArgumentException with a sentence for the client, if {@code value} is empty, too
   *     long or holds anything but visible ASCII
   */
  public TaskId {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("The id is empty.");
    }
    if (value.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("The id is longer than " + MAX_LENGTH + " characters.");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c > '~') {
        throw new IllegalArgumentException(
            "The id holds a character that is not visible ASCII; a plus sign must be"
                + " percent-encoded.");
      }
    }
  }

  /** The model's name, where the id begins with one: at most 64 of {@code A-Za-z0-9._-}. */
  public Optional<String> model() {
    int colon = value.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String model = value.substring(0, colon);
    return MODEL.matcher(model).matches() ? Optional.of(model) : Optional.empty();
  }

  /**
   * When the task was created, where the id tells: to the second, or to the millisecond for a ULID.
   */
  public Optional<Instant> createdAt() {
    String rest = value.substring(value.indexOf(':') + 1);
    Matcher seconds = UNIX_SECONDS.matcher(rest);
    if (seconds.matches()) {
      return Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds.group(1))));
    }
    Matcher ulid = ULID.matcher(rest);
    return ulid.matches()
        ? Optional.of(Instant.ofEpochMilli(crockford(ulid.group(1))))
        : Optional.empty();
  }

  private static long crockford(String digits) {
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      number = (number << 5) | CROCKFORD.indexOf(digits.charAt(i));
    }
    return number;
  }

  @Override
  public String toString() {
    return value;
  }
}
