package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.AuthorizationServer;
import io.github.videoquery.support.GatewayFixture;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mode {@code jwt}, with tokens of a real authorization server and forged ones. */
class JwtTest {
  private static final String FINISHED = "id=veo3:1770350082-finished01";
  private static AuthorizationServer issuer;
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static GatewayFixture gateway;

  /** Its tokens name their tasks, and need a scope. */
  private static GatewayFixture named;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    issuer = new AuthorizationServer();
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"), "clients: [{name: team-b, models: [\"sora-*\"]}]");
    gateway = start("gateway.access.clients-file=" + clients);
    named =
        start(
            "gateway.access.jwt.tasks-claim=tasks",
            "gateway.access.jwt.required-scope=video.admin");
  }

  private static GatewayFixture start(String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("gateway.access.mode=jwt");
    settings.add("gateway.access.jwt.issuer-uri=" + issuer.issuer());
    settings.add("gateway.access.jwt.audiences=" + AuthorizationServer.AUDIENCE);
    return GatewayFixture.startInRealTime(settings.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    gateway.close();
    named.close();
    issuer.close();
  }

  @Test
  void tokenOfTheIssuer_isAccepted_andCountedUnderItsClient() throws Exception {
    String token = issuer.token("team-a");

    assertThat(ask(token).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> remembered = ask(token);

    assertThat(remembered.statusCode()).isEqualTo(200);
    assertThat(remembered.headers().firstValue("Cache-Status").orElse("")).contains("hit");
    await() // counted just after its answer was sent
        .until(
            () ->
                gateway.metric(
                        "gateway_client_requests_total", "client=\"team-a\"", "outcome=\"success\"")
                    >= 2);
  }

  @Test
  void clientWithAnEntry_seesOnlyItsModels() throws Exception {
    String token = issuer.token("team-b");

    assertThat(ask(token).statusCode()).isEqualTo(403);
    assertThat(ask(token, "id=sora-2:1770350082-finished01").statusCode()).isEqualTo(200);
  }

  @Test
  void goodForgery_wouldBeAccepted() throws Exception {
    assertThat(ask(sign(claims -> {})).statusCode()).isEqualTo(200);
    assertThat(
            ask(sign(issuer.signingKey(), new JOSEObjectType("at+jwt"), claims -> {})).statusCode())
        .isEqualTo(200);
    assertThat(ask(sign(claims -> claims.expirationTime(at(-20)))).statusCode())
        .as("within the clocks' skew")
        .isEqualTo(200);
  }

  @Test
  void token_isRefused_withoutASignature() throws Exception {
    assertInvalid(new PlainJWT(claims(claims -> {})).serialize(), "");
  }

  @Test
  void token_isRefused_ofAnUnknownKey() throws Exception {
    RSAKey unknown = new RSAKeyGenerator(2048).keyID("unknown").generate();

    for (int i = 0; i < 10; i++) { // more often than the issuer is asked for new keys
      assertThat(ask(sign(unknown, JOSEObjectType.JWT, claims -> {})).statusCode()).isIn(401, 503);
    }

    assertThat(ask(issuer.token("team-a")).statusCode()).isEqualTo(200);
  }

  @Test
  void garbage_isRefused() throws Exception {
    for (String garbage : List.of("a", "a.b", "a.b.c", "...", "..", "eyJ.eyJ.x", "a.b.c.d.e")) {
      assertInvalid(garbage, "");
    }
  }

  @Test
  void requiredScope_isAskedFor() throws Exception {
    HttpResponse<byte[]> refused =
        named.get(FINISHED, "Authorization", "Bearer " + issuer.token("team-a"));

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("error=\"insufficient_scope\", scope=\"video.admin\"");
  }

  /** Rightly signed. The task is cached, so that it could be given without asking the provider. */
  @ParameterizedTest
  @MethodSource("claimsWithoutTheTask")
  void tokenThatDoesNotNameTheTask_isForbidden_beforeTheCacheIsAsked(Function<String, Object> tasks)
      throws Exception {
    String known = "Named:" + NEXT.incrementAndGet();
    named.provider.answer(known, Behaviour.json("{\"status\":\"failed\"}"));
    String right = signNaming(List.of(known, "x"));
    assertThat(named.get("id=" + known, "Authorization", "Bearer " + right).statusCode())
        .isEqualTo(200);
    double looks = named.metric("cache_gets_total");
    String forged = signNaming(tasks.apply(known));

    for (String id : List.of(known, "unknown-" + known)) {
      HttpResponse<byte[]> refused = named.get("id=" + id, "Authorization", "Bearer " + forged);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).asString().contains("\"forbidden\"").doesNotContain("failed\"");
      assertThat(refused.headers().map()).doesNotContainKeys("cache-status", "etag", "age");
    }
    assertThat(named.metric("cache_gets_total")).isEqualTo(looks);
    assertThat(named.provider.calls(known)).isEqualTo(1);
    assertThat(named.provider.calls("unknown-" + known)).isZero();
  }

  /** The claim for a task of this id. An id with another case, or escaped, is another id. */
  static List<Function<String, Object>> claimsWithoutTheTask() {
    return List.of(
        id -> null,
        id -> List.of(),
        id -> id,
        id -> List.of(id.toLowerCase(Locale.ROOT), id.toUpperCase(Locale.ROOT)),
        id -> List.of(id.replace(":", "%3A"), ' ' + id, id + ' ', id + '*', "*", "Named:*"),
        id -> List.of(id, 2),
        id -> List.of(List.of(id)),
        id -> Map.of("0", id),
        id -> IntStream.rangeClosed(0, 50).mapToObj(i -> i == 0 ? id : id + i).toList());
  }

  @Test
  void keysTurnedUnderLoad_failNoRequest() throws Exception {
    var token = new AtomicReference<>(issuer.token("team-a"));
    Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor();
        var pace = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          pace.scheduleAtFixedRate(
              () -> {
                var _ = callers.submit(() -> answers.add(ask(token.get()).statusCode()));
              },
              0,
              6500,
              TimeUnit.MICROSECONDS);
      for (int turn = 0; turn < 2; turn++) {
        awaitMore(answers, 900); // in some 6 s: so often the issuer may be asked for new keys
        issuer.turnKey();
        token.set(issuer.token("team-a"));
      }
      awaitMore(answers, 100);
      pace.shutdownNow();
    }

    assertThat(answers).hasSizeGreaterThan(500).containsOnly(200);
  }

  private static void awaitMore(Queue<Integer> answers, int count) {
    int enough = answers.size() + count;
    await().atMost(30, TimeUnit.SECONDS).until(() -> answers.size() >= enough);
  }

  private static void assertInvalid(String token, String reason) throws Exception {
    HttpResponse<byte[]> answer = ask(token);

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
        .startsWith("Bearer realm=\"video-query-gateway\", error=\"invalid_token\"")
        .contains(reason);
    assertThat(answer.body()).asString().contains("\"unauthenticated\"").contains(reason);
  }

  private static HttpResponse<byte[]> ask(String token) throws Exception {
    return ask(token, FINISHED);
  }

  private static HttpResponse<byte[]> ask(String token, String parameters) throws Exception {
    return gateway.get(parameters, "Authorization", "Bearer " + token);
  }

  private static String signNaming(@Nullable Object tasks) throws JOSEException {
    return sign(claims -> claims.claim("scope", "video.admin").claim("tasks", tasks));
  }

  private static String sign(Consumer<JWTClaimsSet.Builder> change) throws JOSEException {
    return sign(issuer.signingKey(), JOSEObjectType.JWT, change);
  }

  private static String sign(RSAKey key, JOSEObjectType type, Consumer<JWTClaimsSet.Builder> change)
      throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).type(type).build(),
            claims(change));
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  private static JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer.issuer())
            .audience(AuthorizationServer.AUDIENCE)
            .subject("forger")
            .issueTime(at(-100))
            .expirationTime(at(300));
    change.accept(claims);
    return claims.build();
  }

  private static Date at(int seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }
}
