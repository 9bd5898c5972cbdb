package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.support.FakeTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/** Which tokens are accepted, with an issuer that is a file server. */
@ExtendWith(OutputCaptureExtension.class)
class TokenVerifierTest {
  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");
  private static final RSAKey KEY = key("one");
  private static final RSAKey OTHER = key("two");

  private final FakeTime time = new FakeTime(NOW);
  private final AtomicInteger status = new AtomicInteger(200);
  private HttpServer server;
  private URI issuer;
  private TokenVerifier verifier;

  private static RSAKey key(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    serve(
        "/.well-known/openid-configuration",
        "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer + "/keys\"}");
    serve("/keys", new JWKSet(KEY.toPublicJWK()).toString());
    server.start();
    verifier = verifier(properties(issuer, null));
  }

  private void serve(String path, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = json.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status.get(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private TokenVerifier verifier(JwtProperties properties) {
    return properties.verifier(issuerKeys(properties), time);
  }

  private IssuerKeys issuerKeys(JwtProperties properties) {
    return properties.issuerKeys(new DefaultSslBundleRegistry(), time);
  }

  private static JwtProperties properties(@Nullable URI issuer, @Nullable URI keys) {
    return new JwtProperties(
        issuer,
        keys,
        null,
        null,
        List.of("video-query", "other"),
        List.of(SignatureAlgorithm.RS256),
        Duration.ofSeconds(30),
        "sub",
        null,
        null);
  }

  @Test
  void token_isAccepted_ofTheIssuer_forTheAudience_inItsTime() throws Exception {
    assertThat(verifier.verify(token(claims -> claims)).getSubject()).isEqualTo("team-a");
    assertThat(verifier.verify(token(claims -> claims.audience("other"))).getSubject())
        .isEqualTo("team-a");
    assertThat(
            verifier(properties(null, issuer.resolve("/keys")))
                .verify(token(claims -> claims.issuer("any"))))
        .as("without an issuer to compare")
        .isNotNull();
  }

  @Test
  void token_isRefused_ofAnotherIssuer_orAudience_orTime() throws Exception {
    for (UnaryOperator<JWTClaimsSet.Builder> change :
        List.<UnaryOperator<JWTClaimsSet.Builder>>of(
            claims -> claims.issuer("https://another"),
            claims -> claims.audience("another"),
            claims -> claims.audience((String) null),
            claims -> claims.expirationTime(null),
            claims -> claims.expirationTime(Date.from(NOW.minusSeconds(31))),
            claims -> claims.notBeforeTime(Date.from(NOW.plusSeconds(31))))) {
      assertRefused(token(change), ProblemCode.UNAUTHENTICATED);
    }
  }

  @Test
  void refusal_saysWhatIsWrongWithTheToken() throws Exception {
    assertDetail(token(claims -> claims.issuer("https://another")), "The iss claim is not valid");
    assertDetail(
        token(claims -> claims.expirationTime(Date.from(NOW.minusSeconds(31)))), "expired at");
  }

  @Test
  void clockOfTheIssuer_mayDifferByTheSkew() throws Exception {
    assertThat(
            verifier.verify(
                token(claims -> claims.expirationTime(Date.from(NOW.minusSeconds(29))))))
        .isNotNull();
    time.advance(Duration.ofSeconds(2));
    assertRefused(
        token(claims -> claims.expirationTime(Date.from(NOW.minusSeconds(29)))),
        ProblemCode.UNAUTHENTICATED);
  }

  @Test
  void typeAndAlgorithm_areCompared() throws Exception {
    assertThat(verifier.verify(token(claims -> claims, JWSAlgorithm.RS256, "at+jwt", KEY)))
        .isNotNull();
    assertThat(verifier.verify(token(claims -> claims, JWSAlgorithm.RS256, null, KEY))).isNotNull();
    assertRefused(
        token(claims -> claims, JWSAlgorithm.RS256, "logout+jwt", KEY),
        ProblemCode.UNAUTHENTICATED);
    assertRefused(
        token(claims -> claims, JWSAlgorithm.RS512, "JWT", KEY), ProblemCode.UNAUTHENTICATED);
    assertRefused("a.b.c", ProblemCode.UNAUTHENTICATED);
  }

  /** Everybody has the public key, and could sign such tokens. */
  @Test
  void publicKeyAsASecret_signsNothing() throws Exception {
    var forged =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(KEY.getKeyID()).build(),
            new JWTClaimsSet.Builder().issuer(issuer.toString()).subject("forger").build());
    forged.sign(new MACSigner(KEY.toRSAPublicKey().getEncoded()));

    assertDetail(forged.serialize(), "The token is signed by HS256. Accepted: RS256.");
  }

  /** Each part is right, of another token. */
  @Test
  void signatureOfAnotherToken_isRefused() throws Exception {
    String one = token(claims -> claims.subject("team-c"));
    String other = token(claims -> claims);

    assertDetail(
        other.substring(0, other.lastIndexOf('.')) + one.substring(one.lastIndexOf('.')),
        "no key of the issuer verifies it");
  }

  @Test
  void algorithm_isNamed_thatIsNotAccepted() throws Exception {
    assertDetail(
        token(claims -> claims, JWSAlgorithm.RS512, "JWT", KEY),
        "The token is signed by RS512. Accepted: RS256.");
    assertDetail(
        new PlainJWT(new JWTClaimsSet.Builder().build()).serialize() + "x",
        "The token is signed by none. Accepted: RS256.");
    assertDetail(
        Base64URL.encode("{\"alg\":\"x\\\"; evil=\\\"\"}") + ".b.c",
        "The token is signed by another algorithm. Accepted: RS256.");
  }

  /** Nobody can tell a new key of the issuer from an attacker's before the next fetch. */
  @Test
  void unknownKey_isNotRefused_beforeAFetchThatBeganLater() throws Exception {
    assertThat(verifier.verify(token(claims -> claims))).isNotNull();
    String unknown = token(claims -> claims, JWSAlgorithm.RS256, "JWT", OTHER);

    time.advance(Duration.ofSeconds(4));
    assertThatThrownBy(() -> verifier.verify(unknown))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> assertThat(refusal.problem()).isSameAs(TokenVerifier.NOT_YET_KNOWN));
    assertThat(TokenVerifier.NOT_YET_KNOWN.reply(ProblemRequest.unread("id")).field("Retry-After"))
        .isEqualTo("5");

    server.removeContext("/keys");
    serve("/keys", new JWKSet(List.of(KEY.toPublicJWK(), OTHER.toPublicJWK())).toString());
    time.advance(Duration.ofSeconds(1));
    assertThat(verifier.verify(unknown)).isNotNull();
  }

  @Test
  void falseSignature_ofAKnownKey_isRefusedAtOnce() throws Exception {
    String right = token(claims -> claims);
    assertThat(verifier.verify(right)).isNotNull();
    server.stop(0);
    time.advance(Duration.ofMinutes(1));

    assertRefused(right.substring(0, right.length() - 8) + "AAAAAAAA", ProblemCode.UNAUTHENTICATED);
  }

  @Test
  void unknownKey_isRefused_andAnIssuerThatIsDownIsSaid(CapturedOutput log) throws Exception {
    String unknown = token(claims -> claims, JWSAlgorithm.RS256, "JWT", OTHER);
    assertThat(verifier.verify(token(claims -> claims))).isNotNull();
    time.advance(Duration.ofSeconds(5));
    assertRefused(unknown, ProblemCode.UNAUTHENTICATED);

    status.set(500);
    TokenVerifier cold = verifier(properties(issuer, null));
    assertThatThrownBy(() -> cold.verify(unknown))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> {
              assertThat(refusal.problem().code())
                  .isEqualTo(ProblemCode.IDENTITY_PROVIDER_UNAVAILABLE);
              assertThat(refusal.problem().reply(ProblemRequest.unread("id")).field("Retry-After"))
                  .isEqualTo("5");
            });
    assertThat(verifier.verify(token(claims -> claims))).as("known keys stay").isNotNull();
    assertThatThrownBy(() -> cold.verify(unknown)).isInstanceOf(ProblemException.class);
    assertThat(log).containsOnlyOnce("The issuer's keys cannot be fetched");
  }

  @Test
  void metadata_isThatOfTheIssuer() throws Exception {
    server.removeContext("/.well-known/openid-configuration");
    serve(
        "/.well-known/oauth-authorization-server",
        "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer + "/keys\"}");
    assertThat(verifier(properties(issuer, null)).verify(token(claims -> claims)))
        .as("RFC 8414 where there is no OpenID")
        .isNotNull();
    server.removeContext("/.well-known/oauth-authorization-server");
    serve(
        "/.well-known/openid-configuration",
        "{\"issuer\":\"https://another\",\"jwks_uri\":\"" + issuer + "/keys\"}");
    TokenVerifier foreign = verifier(properties(issuer, null));
    assertThatThrownBy(() -> foreign.verify(token(claims -> claims)))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void settings_haveToNameAnIssuerAndAnAudience() {
    assertThatThrownBy(() -> issuerKeys(properties(null, null)))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
        .hasMessageContaining("gateway.access.jwt.issuer-uri");
    var withoutAudience =
        new JwtProperties(
            issuer,
            null,
            null,
            null,
            List.of(),
            List.of(SignatureAlgorithm.RS256),
            Duration.ZERO,
            "sub",
            null,
            null);
    assertThatThrownBy(() -> issuerKeys(withoutAudience))
        .hasMessageContaining("gateway.access.jwt.audiences");
  }

  private void assertRefused(String token, ProblemCode code) {
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> assertThat(refusal.problem().code()).isEqualTo(code));
  }

  private void assertDetail(String token, String detail) {
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal ->
                assertThat(
                        new String(
                            refusal.problem().document(ProblemRequest.unread("id")),
                            StandardCharsets.UTF_8))
                    .contains(detail));
  }

  private String token(UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
    return token(change, JWSAlgorithm.RS256, "JWT", KEY);
  }

  private String token(
      UnaryOperator<JWTClaimsSet.Builder> change,
      JWSAlgorithm algorithm,
      @Nullable String type,
      RSAKey key)
      throws Exception {
    var header = new JWSHeader.Builder(algorithm).keyID(key.getKeyID());
    if (type != null) {
      header.type(new JOSEObjectType(type));
    }
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer.toString())
            .subject("team-a")
            .audience("video-query")
            .expirationTime(Date.from(NOW.plusSeconds(600)));
    var jwt = new SignedJWT(header.build(), change.apply(claims).build());
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }
}
