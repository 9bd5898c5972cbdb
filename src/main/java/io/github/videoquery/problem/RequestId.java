package io.github.videoquery.problem;

import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/** The id of one exchange in answers and logs: 1 to 64 of {@code A-Za-z0-9._-}. */
public final class RequestId {
  public static final String HEADER = "X-Request-Id";

  private RequestId() {}

  /** The caller's own id for the request if it is well-formed, else a new one. */
  public static String orNew(@Nullable String offered) {
    return offered != null && isValid(offered) ? offered : next();
  }

  /** The id of this exchange; a new one if the request was refused before it got one. */
  public static String of(HttpFields.Mutable response) {
    String given = response.get(HEADER);
    if (given == null) {
      given = next();
      response.put(HEADER, given);
    }
    return given;
  }

  private static String next() {
    var random = ThreadLocalRandom.current();
    return Long.toHexString(random.nextLong() | Long.MIN_VALUE)
        + Long.toHexString(random.nextLong() | Long.MIN_VALUE);
  }

  private static boolean isValid(String id) {
    if (id.isEmpty() || id.length() > 64) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean digit = c >= '0' && c <= '9';
      if (!letter && !digit && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }
}
