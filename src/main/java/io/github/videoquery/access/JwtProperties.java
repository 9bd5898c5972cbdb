package io.github.videoquery.access;

import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import io.github.videoquery.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Which tokens are accepted in mode {@code jwt}.
 *
 * @param issuerUri the issuer whose tokens are accepted: their claim {@code iss}; its keys are
 *     discovered unless {@code jwk-set-uri} is set
 * @param jwkSetUri the address of the issuer's keys, if they are not to be discovered
 * @param audiences one of these must be in the token's claim {@code aud}
 * @param algorithms the signature algorithms that are accepted
 * @param clockSkew by how much the issuer's clock may differ from ours
 * @param clientClaim the claim that names the client
 * @param requiredScope a scope that each token must have
 */
record JwtProperties(
    @Nullable URI issuerUri,
    @Nullable URI jwkSetUri,
    @DefaultValue List<String> audiences,
    @DefaultValue({"RS256", "ES256"}) List<SignatureAlgorithm> algorithms,
    @DefaultValue("30s") Duration clockSkew,
    @DefaultValue("sub") String clientClaim,
    @Nullable String requiredScope) {
  /** Keys are fetched again after this time; sooner for a token with an unknown key. */
  private static final Duration KEYS_TTL = Duration.ofMinutes(5);

  /** The shortest time between fetches: anyone can send tokens with unknown keys. */
  private static final Duration SHORTEST_REFRESH = Duration.ofSeconds(5);

  private static final Duration MAX_OUTAGE = Duration.ofHours(12);

  /**
   * @throws
   *     org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
   *     with a sentence that says what to set
   */
  IssuerKeys issuerKeys() {
    if (issuerUri == null && jwkSetUri == null) {
      throw AccessSettings.invalid(
          "jwt.issuer-uri",
          null,
          "Name the issuer of the tokens, or where its keys are"
              + " (gateway.access.jwt.jwk-set-uri).");
    }
    if (audiences.isEmpty()) {
      throw AccessSettings.invalid(
          "jwt.audiences",
          null,
          "Name what the tokens' claim aud must hold: without it, a token"
              + " meant for any other service would do here.");
    }
    return new IssuerKeys(issuerUri, jwkSetUri);
  }

  JwtDecoder decoder(IssuerKeys issuer, TimeSource time) {
    var keys =
        JWKSourceBuilder.<SecurityContext>create(issuer)
            .cache(KEYS_TTL.toMillis(), IssuerKeys.TIMEOUT.multipliedBy(3).toMillis())
            .rateLimited(SHORTEST_REFRESH.toMillis())
            .outageTolerant(MAX_OUTAGE.toMillis())
            .build();
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(accepted -> accepted.addAll(algorithms))
            .jwtProcessorCustomizer(
                processor -> processor.setJWSTypeVerifier((type, context) -> {}))
            .build();
    decoder.setJwtValidator(validator(time));
    return decoder;
  }

  private OAuth2TokenValidator<Jwt> validator(TimeSource time) {
    var times = new JwtTimestampValidator(clockSkew);
    times.setClock(time.withZone(ZoneOffset.UTC));
    var type = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
    type.setAllowEmpty(true);
    OAuth2TokenValidator<Jwt> general =
        new DelegatingOAuth2TokenValidator<>(
            type,
            times,
            new JwtClaimValidator<Object>(JwtClaimNames.EXP, Objects::nonNull),
            new JwtClaimValidator<Collection<String>>(
                JwtClaimNames.AUD,
                meant -> meant != null && !Collections.disjoint(meant, audiences)));
    return issuerUri == null
        ? general
        : new DelegatingOAuth2TokenValidator<>(
            general, new JwtIssuerValidator(issuerUri.toString()));
  }
}
