package io.github.videoquery.access;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * The claim of a token that names the tasks it may be used for, by their exact ids. A claim that is
 * empty, no array of texts, or longer than {@value #MAX_TASKS}, names none.
 *
 * @param name of the claim; null if tokens are good for any task
 */
record TaskClaim(@Nullable String name) {
  private static final int MAX_TASKS = 50;

  /** Whether the token lacks it, which only clients with {@code all-tasks} may. */
  boolean isMissing(Jwt jwt) {
    return name != null && !jwt.getClaims().containsKey(name);
  }

  /** The ids of the tasks; null for any task. */
  @Nullable Set<String> tasks(Jwt jwt) {
    if (name == null) {
      return null;
    }
    return jwt.getClaims().get(name) instanceof List<?> ids
            && ids.size() <= MAX_TASKS
            && ids.stream().allMatch(String.class::isInstance)
        ? ids.stream().map(String.class::cast).collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }
}
