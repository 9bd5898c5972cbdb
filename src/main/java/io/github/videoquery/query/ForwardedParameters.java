package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters that go along to the provider with a task's id.
 *
 * @param names in the order in which they are sent
 */
record ForwardedParameters(List<String> names) {
  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /**
   * Those of a raw query string, as {@code model=veo3&region=eu}; empty ones are left out.
   *
   * @throws ProblemException {@code bad-request}, with a sentence that says what to fix
   */
  String of(@Nullable String query) {
    StringBuilder forwarded = null;
    for (String name : names) {
      String value = QueryString.only(query, name, ProblemCode.BAD_REQUEST);
      if (value == null || value.isEmpty()) {
        continue;
      }
      if (!VALUE.matcher(value).matches()) {
        throw new ProblemException(
            ProblemCode.BAD_REQUEST,
            "The parameter " + name + " takes 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.");
      }
      forwarded = forwarded == null ? new StringBuilder() : forwarded.append('&');
      forwarded.append(name).append('=').append(value);
    }
    return forwarded == null ? "" : forwarded.toString();
  }
}
