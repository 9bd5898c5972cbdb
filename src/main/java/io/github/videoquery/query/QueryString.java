package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a raw query string. */
final class QueryString {
  private QueryString() {}

  /**
   * The decoded value of the one parameter of this name, or null if there is none.
   *
   * @throws ProblemException with the given code, if there are two or the value cannot be decoded
   */
  static @Nullable String only(@Nullable String query, String name, ProblemCode code) {
    List<String> values = all(query, name, code);
    if (values.size() > 1) {
      throw new ProblemException(code, "The parameter " + name + " is given twice; send it once.");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /**
   * The decoded values of all parameters of this name, in their order.
   *
   * @throws ProblemException with the given code, if one of them cannot be decoded
   */
  static List<String> all(@Nullable String query, String name, ProblemCode code) {
    if (query == null) {
      return List.of();
    }
    List<String> values = new ArrayList<>(1);
    int length = query.length();
    for (int start = 0; start < length; ) {
      int ampersand = query.indexOf('&', start);
      int end = ampersand < 0 ? length : ampersand;
      int equals = query.indexOf('=', start);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (isNamed(query, start, nameEnd, name)) {
        values.add(decode(query.substring(Math.min(nameEnd + 1, end), end), name, code));
      }
      start = end + 1;
    }
    return values;
  }

  private static boolean isNamed(String query, int start, int end, String name) {
    if (end - start == name.length()) {
      return query.startsWith(name, start);
    }
    int escape = query.indexOf('%', start);
    return escape >= 0 && escape < end && name.equals(decodeOrNull(query.substring(start, end)));
  }

  private static String decode(String value, String name, ProblemCode code) {
    if (value.indexOf('%') < 0 && value.indexOf('+') < 0) {
      return value;
    }
    String decoded = decodeOrNull(value);
    if (decoded == null) {
      throw new ProblemException(
          code, "The parameter " + name + " is not percent-encoded correctly.");
    }
    return decoded;
  }

  private static @Nullable String decodeOrNull(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }
}
