package io.github.videoquery.access;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
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
 * @param sslBundle the name of one of {@code spring.ssl.bundle.*}, where the issuer's certificate
 *     is of a private CA
 * @param proxy an HTTP proxy through which the issuer is asked: {@code
 *     http://user:password@host:port}
 * @param audiences one of these must be in the token's claim {@code aud}
 * @param algorithms the signature algorithms that are accepted
 * @param clockSkew by how much the issuer's clock may differ from ours
 * @param clientClaim the claim that names the client
 * @param requiredScope a scope that each token must have
 * @param tasksClaim the claim that names the tasks a token may be used for; off if absent
 */
record JwtProperties(
    @Nullable URI issuerUri,
    @Nullable URI jwkSetUri,
    @Nullable String sslBundle,
    @Nullable String proxy,
    @DefaultValue List<String> audiences,
    @DefaultValue({"RS256", "ES256"}) List<SignatureAlgorithm> algorithms,
    @DefaultValue("30s") Duration clockSkew,
    @DefaultValue("sub") String clientClaim,
    @Nullable String requiredScope,
    @Nullable String tasksClaim) {
  private static final Executor FETCHES =
      task -> Thread.ofVirtual().name("issuer-keys").start(task);

  /**
   * @throws
   *     org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
   *     with a sentence that says what to set
   */
  IssuerKeys issuerKeys(SslBundles bundles, TimeSource time) {
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
    if (!HttpProxy.isUsable(proxy)) {
      throw AccessSettings.invalid("jwt.proxy", "(not shown)", HttpProxy.HOW_TO_WRITE);
    }
    var http =
        new IssuerHttp(HttpProxy.of(proxy), sslBundle, "gateway.access.jwt.ssl-bundle", bundles);
    return new IssuerKeys(new JwkSets(issuerUri, jwkSetUri, http::get)::fetch, FETCHES, time);
  }

  TaskClaim taskClaim() {
    return new TaskClaim(tasksClaim == null || tasksClaim.isBlank() ? null : tasksClaim);
  }

  TokenVerifier verifier(IssuerKeys keys, TimeSource time) {
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(accepted -> accepted.addAll(algorithms))
            .build();
    decoder.setJwtValidator(validator(time));
    return new TokenVerifier(decoder, algorithms);
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
