package io.github.videoquery.access;

import com.nimbusds.jose.Header;
import com.nimbusds.jose.JOSEObject;
import com.nimbusds.jose.KeySourceException;
import io.github.videoquery.access.IssuerKeys.NotYetKnownException;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;

/** Verifies a token by the keys of its issuer, and says why one is not accepted. */
final class TokenVerifier {
  private static final Problem INVALID =
      Challenge.invalidToken("The token cannot be read, or no key of the issuer verifies it.");
  private static final Problem UNAVAILABLE =
      unavailable(ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE.remedy());

  /** It may be a right token, or one of an attacker: nobody knows before the next fetch. */
  static final Problem NOT_YET_KNOWN =
      unavailable(
          "The gateway does not know the key of this token yet. It asks the issuer for new keys at"
              + " most once in 5 s: try again after Retry-After.");

  private final JwtDecoder decoder;
  private final List<SignatureAlgorithm> algorithms;

  TokenVerifier(JwtDecoder decoder, List<SignatureAlgorithm> algorithms) {
    this.decoder = decoder;
    this.algorithms = List.copyOf(algorithms);
  }

  private static Problem unavailable(String detail) {
    return Problem.retryable(
        ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE, detail, IssuerKeys.SHORTEST_INTERVAL, Map.of());
  }

  /**
   * The token's content. May block to fetch keys.
   *
   * @throws ProblemException {@code unauthenticated}, or {@code identity-provider-unavailable} if
   *     no key could be fetched, or a key may have been published since the last fetch
   */
  Jwt verify(String token) {
    requireAlgorithm(token);
    try {
      return decoder.decode(token);
    } catch (JwtValidationException invalid) {
      String reason = invalid.getErrors().iterator().next().getDescription();
      throw new ProblemException(reason == null ? INVALID : Challenge.invalidToken(reason));
    } catch (JwtException unverified) {
      throw new ProblemException(
          switch (unverified.getCause()) {
            case NotYetKnownException _ -> NOT_YET_KNOWN;
            case KeySourceException _ -> UNAVAILABLE;
            case null, default -> INVALID;
          });
    }
  }

  private void requireAlgorithm(String token) {
    String algorithm;
    try {
      algorithm = Header.parse(JOSEObject.split(token)[0]).getAlgorithm().getName();
    } catch (ParseException | RuntimeException e) {
      throw new ProblemException(INVALID);
    }
    List<String> accepted = algorithms.stream().map(SignatureAlgorithm::getName).toList();
    if (!accepted.contains(algorithm)) {
      String shown = algorithm.matches("[A-Za-z0-9]{1,16}") ? algorithm : "another algorithm";
      throw new ProblemException(
          Challenge.invalidToken(
              "The token is signed by "
                  + shown
                  + ". Accepted: "
                  + String.join(", ", accepted)
                  + '.'));
    }
  }
}
