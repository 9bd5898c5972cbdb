package io.github.videoquery.access;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * The scope that each token must have.
 *
 * @param requiredScope null requires none
 */
record RequiredScope(@Nullable String requiredScope) {
  /**
   * {@code scope} is a list separated by spaces (RFC 8693, section 4.2), {@code scp} an array.
   *
   * @throws ProblemException {@code forbidden}, if the token lacks the scope
   */
  void require(Jwt jwt) {
    if (requiredScope == null) {
      return;
    }
    boolean granted = false;
    for (String name : List.of("scope", "scp")) {
      granted |=
          switch (jwt.getClaims().get(name)) {
            case String scopes -> List.of(scopes.split(" ")).contains(requiredScope);
            case Collection<?> scopes -> scopes.contains(requiredScope);
            case null, default -> false;
          };
    }
    if (!granted) {
      throw new ProblemException(
          Challenge.insufficientScope(
              Problem.of(ProblemCode.FORBIDDEN, "The token lacks the scope " + requiredScope + "."),
              ", scope=\"" + requiredScope + "\""));
    }
  }
}
