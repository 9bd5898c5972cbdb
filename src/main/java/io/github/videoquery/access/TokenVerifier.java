package io.github.videoquery.access;

import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;

/** Verifies a token by the keys of its issuer, and says why one is not accepted. */
final class TokenVerifier {
  private static final Problem INVALID =
      Challenge.invalidToken("The token cannot be read, or no key of the issuer verifies it.");
  private static final Problem UNAVAILABLE =
      Problem.retryable(
          ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE,
          ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE.remedy(),
          Duration.ofSeconds(5),
          Map.of());

  private final JwtDecoder decoder;
  private final IssuerKeys issuer;

  TokenVerifier(JwtDecoder decoder, IssuerKeys issuer) {
    this.decoder = decoder;
    this.issuer = issuer;
  }

  /**
   * The token's content. May block to fetch keys.
   *
   * @throws ProblemException {@code unauthenticated}, or {@code identity-provider-unavailable} if
   *     no key could be fetched
   */
  Jwt verify(String token) {
    try {
      return decoder.decode(token);
    } catch (JwtValidationException invalid) {
      String reason = invalid.getErrors().iterator().next().getDescription();
      throw new ProblemException(reason == null ? INVALID : Challenge.invalidToken(reason));
    } catch (JwtException unverified) {
      throw new ProblemException(
          lacksAKey(unverified) && issuer.unavailable() ? UNAVAILABLE : INVALID);
    } finally {
      issuer.warnOfChange();
    }
  }

  /** Whether no matching key was found. A key that does not verify the token is another case. */
  private static boolean lacksAKey(JwtException unverified) {
    return !(unverified instanceof BadJwtException)
        || (unverified.getCause() instanceof BadJOSEException rejected
            && !(rejected instanceof BadJWSException));
  }
}
