package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.support.FakeTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;

class JwtAuthenticatorTest {
  /** {@code {"alg":"RS256"}}. */
  private static final String HEADER = "eyJhbGciOiJSUzI1NiJ9";

  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");

  private final FakeTime time = new FakeTime(NOW);
  private final Map<String, Jwt> issued = new HashMap<>();
  private final RateLimiters limiters =
      new RateLimiters(new AccessProperties.RateLimit(50, 100, 0.1), time);
  private final JwtAuthenticator authenticator = authenticator(null);

  private JwtAuthenticator authenticator(@Nullable ClientsFile listed) {
    var verifier =
        new TokenVerifier(
            token -> {
              Jwt jwt = issued.get(token);
              if (jwt == null) {
                throw new BadJwtException("unknown");
              }
              return jwt;
            },
            List.of(SignatureAlgorithm.RS256));
    return new JwtAuthenticator(verifier, "sub", new RequiredScope(null), listed, limiters, time);
  }

  private String issue(String name, Duration life) {
    String token = HEADER + "." + name + ".signature";
    issued.put(
        token,
        Jwt.withTokenValue(token)
            .header("alg", "RS256")
            .claim("sub", name)
            .expiresAt(NOW.plus(life))
            .build());
    return token;
  }

  @Test
  void verifiedToken_isBelieved_for15MinutesAtMost() {
    String token = issue("team-a", Duration.ofHours(2));
    assertThat(authenticator.recognize(token)).as("not seen yet").isNull();
    assertThat(authenticator.verify(token).name()).isEqualTo("team-a");

    time.advance(Duration.ofMinutes(15).minusSeconds(1));
    assertThat(authenticator.recognize(token)).isNotNull();
    time.advance(Duration.ofSeconds(1));
    assertThat(authenticator.recognize(token)).isNull();
  }

  @Test
  void verifiedToken_isBelieved_untilItExpires() {
    String token = issue("team-a", Duration.ofMinutes(3));
    authenticator.verify(token);

    time.advance(Duration.ofMinutes(3).minusSeconds(1));
    assertThat(authenticator.recognize(token)).isNotNull();
    time.advance(Duration.ofSeconds(1));
    assertThat(authenticator.recognize(token)).isNull();
  }

  /** The issuer's clock may differ: it is accepted, but not kept. */
  @Test
  void tokenThatHasJustExpired_isNotKept() {
    String token = issue("team-a", Duration.ofSeconds(-10));

    assertThat(authenticator.verify(token).name()).isEqualTo("team-a");
    assertThat(authenticator.recognize(token)).isNull();
  }

  @Test
  void credentialThatIsNoToken_isRefusedAtOnce() {
    for (String credential : new String[] {"", "key", "a.b", "a.b.c.d"}) {
      assertThatThrownBy(() -> authenticator.recognize(credential))
          .isInstanceOf(ProblemException.class);
    }
  }

  @Test
  void nameOfTheClient_has256CharactersAtMost() {
    assertThat(authenticator.verify(issue("x".repeat(256), Duration.ofHours(1))).name())
        .hasSize(256);
    for (String name : new String[] {"x".repeat(257), " ", ""}) {
      assertThatThrownBy(() -> authenticator.verify(issue(name, Duration.ofHours(1))))
          .isInstanceOf(ProblemException.class);
    }
  }

  @Test
  void tokenThatDoesNotVerify_isRefused() {
    assertThatThrownBy(() -> authenticator.verify("a.b.c")).isInstanceOf(ProblemException.class);
  }

  @Test
  void clientsEntry_decides_untilItExpires(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("clients.yaml"),
            """
            clients:
              - {name: team-a, models: [veo3], expires: 2026-02-06T12:05:00Z}
            """);
    var listed =
        new ClientsFile(
            file, yaml -> ClientsParser.parse(yaml, file, false, limiters), new FileWatch());
    JwtAuthenticator withEntries = authenticator(listed);
    String token = issue("team-a", Duration.ofHours(1));
    assertThat(withEntries.verify(token).models()).containsExactly("veo3");
    assertThat(withEntries.verify(issue("team-b", Duration.ofHours(1))).models()).isNull();

    time.advance(Duration.ofMinutes(5));

    assertThatThrownBy(() -> withEntries.recognize(token)).isInstanceOf(ProblemException.class);
  }
}
