package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;

class JwtAuthenticatorTest {
  /** {@code {"alg":"RS256"}}. */
  private static final String HEADER = "eyJhbGciOiJSUzI1NiJ9";

  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");

  private final FakeTime time = new FakeTime(NOW);
  private final Map<String, Jwt> issued = new HashMap<>();
  private final RateLimiters limiters =
      new RateLimiters(new AccessProperties.RateLimit(50, 100, 0.1), time);
  private final JwtAuthenticator authenticator = authenticator(null);
  private @Nullable String tasksClaim;
  private @Nullable String requiredScope;
  private int fetches;

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
    return new JwtAuthenticator(
        verifier,
        () -> fetches++,
        "sub",
        new RequiredScope(requiredScope),
        new TaskClaim(tasksClaim),
        SKEW,
        listed,
        limiters,
        time);
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
  void tokenWithoutTheRequiredScope_isForbidden() {
    requiredScope = "video";

    assertThatThrownBy(() -> authenticator(null).verify(issue("team-a", Duration.ofHours(1))))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> assertThat(refusal.problem().code()).isEqualTo(ProblemCode.FORBIDDEN));
  }

  /** Eight million characters of them, so that long tokens do not fill the memory. */
  @Test
  void verifiedTokens_areKept_asLongAsTheyAreSmallTogether() {
    List<String> tokens =
        IntStream.range(0, 9).mapToObj(i -> issueLong("team-" + i, 1_000_000)).toList();
    tokens.forEach(authenticator::verify);

    assertThat(tokens.stream().map(authenticator::recognize).filter(Objects::nonNull).count())
        .isBetween(1L, 8L);
  }

  private String issueLong(String name, int characters) {
    String token = HEADER + "." + name + "." + "s".repeat(characters);
    issued.put(token, issued.get(issue(name, Duration.ofHours(1))));
    return token;
  }

  @Test
  void keys_areFetchedBeforeTheFirstToken() {
    authenticator.fetchKeys();

    assertThat(fetches).isEqualTo(1);
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

  private String issueFor(String name, @Nullable Object tasks) {
    String token = issue(name, Duration.ofHours(1));
    Jwt.Builder jwt =
        Jwt.withTokenValue(token)
            .header("alg", "RS256")
            .claim("sub", name)
            .expiresAt(NOW.plus(Duration.ofHours(1)));
    issued.put(token, (tasks == null ? jwt : jwt.claim("tasks", tasks)).build());
    return token;
  }

  private static boolean mayAsk(Client client, String id) {
    return client.refusal(new TaskId(id)) == null;
  }

  @Test
  void tokenOfNamedTasks_isForThemAlone_alsoFromTheCache() {
    tasksClaim = "tasks";
    JwtAuthenticator limited = authenticator(null);
    String token = issueFor("page", List.of("veo3:a", "B"));
    Client verified = limited.verify(token);
    Client recognized = Objects.requireNonNull(limited.recognize(token));
    for (Client client : new Client[] {verified, recognized}) {
      assertThat(mayAsk(client, "veo3:a")).isTrue();
      assertThat(mayAsk(client, "B")).isTrue();
      for (String other : List.of("veo3:b", "b", "veo3:A", "veo3%3Aa", "veo3:aa")) {
        assertThat(mayAsk(client, other)).as(other).isFalse();
      }
      assertThat(Objects.requireNonNull(client.refusal(new TaskId("x"))).code())
          .isEqualTo(ProblemCode.FORBIDDEN);
    }
  }

  static List<Object> claimsThatNameNothing() {
    return List.of(
        List.of(),
        "a",
        Map.of("a", true),
        List.of("a", 1),
        Collections.nCopies(51, "a"),
        List.of(List.of("a")));
  }

  @ParameterizedTest
  @MethodSource("claimsThatNameNothing")
  void claimThatNamesNoTasks_allowsNone(Object claim) {
    tasksClaim = "tasks";

    assertThat(mayAsk(authenticator(null).verify(issueFor("page", claim)), "a")).isFalse();
  }

  @Test
  void fiftyTasks_areAllowed_andWithoutTheSettingTheClaimIsIgnored() {
    assertThat(mayAsk(authenticator.verify(issueFor("page", List.of("b"))), "a")).isTrue();
    tasksClaim = "tasks";
    Client client = authenticator(null).verify(issueFor("many", Collections.nCopies(50, "a")));

    assertThat(mayAsk(client, "a")).isTrue();
  }

  @Test
  void tokenWithoutTheClaim_isForNothing_unlessItsClientMayAskAll(@TempDir Path folder)
      throws Exception {
    tasksClaim = "tasks";
    Path file =
        Files.writeString(
            folder.resolve("clients.yaml"),
            """
            clients:
              - {name: backend, all-tasks: true}
              - {name: page, models: [veo3]}
            """);
    JwtAuthenticator limited =
        authenticator(
            new ClientsFile(
                file, yaml -> ClientsParser.parse(yaml, file, false, limiters), new FileWatch()));

    assertThat(mayAsk(limited.verify(issueFor("backend", null)), "veo3:a")).isTrue();
    assertThat(mayAsk(limited.verify(issueFor("page", null)), "veo3:a")).isFalse();
    assertThat(mayAsk(limited.verify(issueFor("unlisted", null)), "veo3:a")).isFalse();
    Client backend = limited.verify(issueFor("backend", List.of("veo3:b")));
    assertThat(mayAsk(backend, "veo3:a")).as("a claim always limits").isFalse();
    assertThat(mayAsk(backend, "veo3:b")).isTrue();
    Client page = limited.verify(issueFor("page", List.of("veo3:a", "sora:b")));
    assertThat(mayAsk(page, "veo3:a")).isTrue();
    assertThat(mayAsk(page, "sora:b")).as("its models are others").isFalse();
  }

  @Test
  void client_isAdmitted_untilItsTokenExpires_andTheSkewIsOver() {
    Client client = authenticator.verify(issue("team-a", Duration.ofMinutes(2)));
    long now = time.nanoTime();

    assertThat(client.expires(now + Duration.ofHours(1).toNanos(), time))
        .isEqualTo(now + Duration.ofMinutes(2).plus(SKEW).toNanos());
    assertThat(client.expires(now + 1, time)).isEqualTo(now + 1);
    assertThat(new Client("key", null, null).expires(now + 1, time)).isEqualTo(now + 1);
  }
}
