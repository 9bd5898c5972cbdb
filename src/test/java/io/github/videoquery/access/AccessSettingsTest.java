package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.access.AccessProperties.Mode;
import io.github.videoquery.access.AccessProperties.RateLimit;
import io.github.videoquery.file.FileWatch;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.HandlerServer;
import io.github.videoquery.support.RawHttp;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

class AccessSettingsTest {
  private final FakeTime time = new FakeTime(Instant.parse("2026-02-06T12:00:00Z"));

  @ParameterizedTest
  @CsvSource({
    "0.001, 1, true",
    "0.0009, 1, false",
    "1000000, 1, true",
    "1000000.1, 1, false",
    "1, 0, false",
    "NaN, 1, false",
    "-1, 1, false"
  })
  void rate_isValid_orNot(double perSecond, int burst, boolean isValid) {
    assertThat(new Rate(perSecond, burst).isValid()).isEqualTo(isValid);
    if (isValid) {
      assertThat(new RateLimit(perSecond, burst, 0.1).rate()).isEqualTo(new Rate(perSecond, burst));
    } else {
      assertThatThrownBy(() -> new RateLimit(perSecond, burst, 0.1))
          .isInstanceOf(InvalidConfigurationPropertyValueException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 10, PT10S", "50, 100, PT2S", "3, 1, PT0.334S"})
  void window_isTheTimeToEarnABurst(double perSecond, int burst, Duration window) {
    assertThat(new Rate(perSecond, burst).window()).isEqualTo(window);
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, true", "-0.1, false", "1.1, false", "NaN, false"})
  void costOfAHit_isAPartOfAQuery(double cost, boolean isValid) {
    if (isValid) {
      assertThat(new RateLimit(1, 1, cost).hitCost()).isEqualTo(cost);
    } else {
      assertThatThrownBy(() -> new RateLimit(1, 1, cost)).hasMessageContaining("hit-cost");
    }
  }

  @Test
  void clientsFile_hasToBeNamed_whereKeysAreAskedFor() {
    assertThat(properties(Path.of("a"), 1).requireClientsFile()).isEqualTo(Path.of("a"));
    assertThat(properties(Path.of("a"), 1).givenClientsFile()).isEqualTo(Path.of("a"));
    for (Path none : new Path[] {null, Path.of("")}) {
      assertThat(properties(none, 1).givenClientsFile()).isNull();
      assertThatThrownBy(() -> properties(none, 1).requireClientsFile())
          .hasMessageContaining("gateway.access.clients-file");
    }
    assertThatThrownBy(() -> properties(null, 0)).hasMessageContaining("max-requests-in-progress");
  }

  @Test
  void trustedProxies_haveToBeNetworks() throws Exception {
    InetAddress proxy = InetAddress.getByName("10.0.0.1");
    HttpFields fields = HttpFields.build().add("X-Forwarded-For", "198.51.100.9");

    assertThat(properties(null, 1).clientAddress().of(proxy, fields))
        .isEqualTo(InetAddress.getByName("198.51.100.9"));
    assertThatThrownBy(
            () ->
                new AccessProperties(
                        Mode.NONE,
                        null,
                        new RateLimit(1, 1, 0),
                        jwt(),
                        new Cors(List.of(), List.of()),
                        List.of("nonsense/99"),
                        1)
                    .clientAddress())
        .hasMessageContaining("trusted-proxies");
  }

  private static AccessProperties properties(@Nullable Path clients, int max) {
    return new AccessProperties(
        Mode.API_KEY,
        clients,
        new RateLimit(1, 1, 0),
        jwt(),
        new Cors(List.of(), List.of()),
        List.of("10.0.0.0/8"),
        max);
  }

  private static JwtProperties jwt() {
    return new JwtProperties(
        null, null, null, null, List.of(), List.of(), Duration.ZERO, "sub", null, null);
  }

  @Test
  void key_isThatOfAClient_untilItExpires(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: a, keys: [\"sha256:%s\"], expires: 2026-02-06T12:01:00Z}]"
                .formatted(Clients.sha256("key-a")));
    var limiters = new RateLimiters(new RateLimit(50, 100, 0.1), time);
    var clients =
        new ClientsFile(
            file, yaml -> ClientsParser.parse(yaml, file, true, limiters), new FileWatch());
    var authenticator = new ApiKeyAuthenticator(clients, time);
    assertThat(authenticator.recognize("key-a").name()).isEqualTo("a");
    assertThat(authenticator.verify("key-a").name()).isEqualTo("a");
    assertThat(clients.clients().count()).isEqualTo(1);
    assertThatThrownBy(() -> authenticator.recognize("key-b")).isInstanceOf(ProblemException.class);
    time.advance(Duration.ofMinutes(1));
    assertThatThrownBy(() -> authenticator.recognize("key-a")).isInstanceOf(ProblemException.class);
  }

  @Test
  void clientsFile_isReadAgain_andKeptIfItCannotBeUsed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("clients.yaml"), yaml("a"));
    var limiters = new RateLimiters(new RateLimit(50, 100, 0.1), time);
    var watch = new FileWatch();
    var clients =
        new ClientsFile(file, yaml -> ClientsParser.parse(yaml, file, false, limiters), watch);
    Files.writeString(file, yaml("b"));
    watch.look();
    assertThat(clients.clients().named("a")).as("may be half-written").isNotNull();
    watch.look();
    assertThat(clients.clients().named("b")).isNotNull();
    assertThat(clients.clients().named("a")).isNull();

    Files.writeString(file, "clients: [{}]");
    watch.look();
    watch.look();
    assertThat(clients.clients().named("b")).isNotNull();
    assertThatThrownBy(
            () ->
                new ClientsFile(
                    folder.resolve("missing"),
                    yaml -> ClientsParser.parse(yaml, file, false, limiters),
                    watch))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class);
  }

  private static String yaml(String name) {
    return "clients: [{name: " + name + ", models: [veo3]}]";
  }

  @Test
  void limiter_isTheSame_forAClientWhoseEntryIsReadAgain() {
    var limiters = new RateLimiters(new RateLimit(50, 100, 0.1), time);
    RateLimiter first = limiters.of("a", null);

    assertThat(limiters.of("a", null)).isSameAs(first);
    assertThat(limiters.of("a", new Rate(50, 100))).isSameAs(first);
    assertThat(limiters.of("a", new Rate(1, 1))).isNotSameAs(first);
    assertThat(limiters.of("b", null)).isNotSameAs(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://app.example.com", "http://localhost:3000", "capacitor://localhost", "*"})
  void origin_canBeAllowed(String origin) {
    assertThat(new Cors(List.of(origin), List.of(origin)).allowedOrigins()).containsExactly(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"app.example.com", "https://app.example.com/", "https://a b", "", "null", "**"})
  void originThatIsNone_isRefused(String origin) {
    assertThatThrownBy(() -> new Cors(List.of(origin), List.of()))
        .hasMessageContaining("cors.allowed-origins");
    assertThatThrownBy(() -> new Cors(List.of(), List.of(origin)))
        .hasMessageContaining("cors.allowed-origin-patterns");
  }

  @ParameterizedTest
  @CsvSource({
    "https://app.example.com, true",
    "https://app-example.com, false",
    "https://x.tenant.example, true",
    "https://a/b.tenant.example, false",
    "https://tenant.example, false",
    "https://other, false",
  })
  void answers_mayBeReadByAllowedOrigins(String origin, boolean isAllowed) throws Exception {
    var cors = new Cors(List.of("https://app.example.com"), List.of("https://*.tenant.example"));
    try (var server = new HandlerServer(time, List.of(cors.handler()))) {
      RawHttp answer = server.send("GET /v1/video/query?id=a", "Origin: " + origin);
      RawHttp preflight =
          server.send(
              "OPTIONS /v1/video/query",
              "Origin: " + origin,
              "Access-Control-Request-Method: GET",
              "Access-Control-Request-Headers: authorization, prefer");

      assertThat(answer.headers().get("access-control-allow-origin"))
          .isEqualTo(isAllowed ? origin : null);
      assertThat(answer.headers()).doesNotContainKey("access-control-allow-credentials");
      if (isAllowed) {
        assertThat(answer.headers().get("access-control-expose-headers"))
            .contains("ETag", "Retry-After", "Cache-Status");
        assertThat(preflight.headers())
            .containsEntry("access-control-max-age", "3600")
            .containsKey("access-control-allow-headers");
        assertThat(preflight.headers().get("access-control-allow-methods"))
            .contains("GET", "HEAD")
            .doesNotContain("POST");
      }
    }
  }

  @Test
  void anyOrigin_isAllowed_byAStar() throws Exception {
    for (Cors cors :
        List.of(new Cors(List.of("*"), List.of()), new Cors(List.of(), List.of("*")))) {
      try (var server = new HandlerServer(time, List.of(cors.handler()))) {
        assertThat(server.send("GET /", "Origin: https://any").headers())
            .containsKey("access-control-allow-origin");
      }
    }
  }

  @Test
  void hash_isThatOfTheKey() {
    assertThat(Clients.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
