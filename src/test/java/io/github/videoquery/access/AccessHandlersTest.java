package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.HandlerServer;
import io.github.videoquery.support.RawHttp;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask, in Jetty without Spring. */
class AccessHandlersTest {
  private static final String GET = "GET /v1/video/query?id=a";

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Authorization: Bearer right|299",
        "Authorization: bearer   right |299",
        "Authorization: Bearer slow|299",
        "Authorization: Bearer slow-wrong|401",
        "Authorization: Bearer wrong|401",
        "Authorization: Basic right|401",
        "Authorization: right|401",
        "X-Api-Key: right|299",
        "X-Api-Key: slow|299",
        "X-Api-Key: wrong|401",
        "X-Api-Key:|401",
        "Authorization: Basic x; X-Api-Key: right|299",
        "Authorization: Bearer right; X-Api-Key: wrong|299",
        "Authorization: Bearer wrong; X-Api-Key: right|401",
        "X: y|401",
      })
  void query_isPassedOn_forAKnownClient(String field, int status) throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 50, 100, registry, time)))) {
      RawHttp answer = server.send(GET, field.split("; "));

      assertThat(answer.status()).isEqualTo(status);
      if (status == 401) {
        assertThat(answer.headers().get("www-authenticate"))
            .startsWith("Bearer realm=\"video-query-gateway\"");
      }
      // it is counted just after the answer was sent
      FakeTime.spinUntil(() -> requests(status == 401 ? "unknown" : "team-a") == 1);
      assertThat(server.send("GET /other").status()).isEqualTo(HandlerServer.PASSED_ON);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization: right", "Authorization: Basic right", "X: y"})
  void refusal_showsTheFormsOfACredential(String field) throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 50, 100, registry, time)))) {
      assertThat(server.send(GET, field).body())
          .contains("'Authorization: Bearer <key>' or 'X-Api-Key: <key>'");
    }
  }

  @Test
  void refusal_namesAuthorization_whenItHoldsNoCredential() throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 50, 100, registry, time)))) {
      assertThat(server.send(GET, "Authorization: right").body())
          .contains("The field Authorization has no key or token");
      assertThat(server.send(GET, "X: y").body()).doesNotContain("The field Authorization");
    }
  }

  @Test
  void exchange_namesTheClient_onlyForQueries() throws Exception {
    List<@Nullable String> clients = new ArrayList<>();
    var seeing =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            clients.add(Exchange.of(request).client());
            return super.handle(request, response, callback);
          }
        };
    try (var server =
        new HandlerServer(
            time, List.of(AccessFixture.forOne(null, 50, 100, registry, time), seeing))) {
      server.send(GET, "Authorization: Bearer right");
      server.send("GET /other", "Authorization: Bearer right");
    }
    assertThat(clients).containsExactly("team-a", null);
  }

  @Test
  void failedAttempts_areBounded_andARightOneIsNot() throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 50, 100, registry, time)))) {
      for (int i = 0; i < 100; i++) {
        assertThat(server.send(GET).status()).isEqualTo(401);
      }
      RawHttp refused = server.send(GET);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.headers())
          .containsEntry("retry-after", "1")
          .containsEntry("ratelimit-policy", "\"failed-authentication\";q=100;w=10");
      assertThat(server.send(GET, "Authorization: Bearer right").status()).isEqualTo(299);
      time.advance(Duration.ofSeconds(1));
      assertThat(server.send(GET, "Authorization: Bearer wrong").status()).isEqualTo(401);
    }
  }

  @Test
  void clientBeyondItsRate_isToldWhenToComeBack() throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 1, 1, registry, time)))) {
      for (int i = 0; i < 10; i++) { // a hit costs a tenth
        assertThat(server.send(GET, "Authorization: Bearer right").status()).isEqualTo(299);
      }
      RawHttp refused = server.send(GET, "Authorization: Bearer right");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.headers()).containsEntry("retry-after", "1");
    }
  }

  private static Handler.Wrapper unanswered() {
    return new Handler.Wrapper() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        return false;
      }
    };
  }

  /** Jetty answers 404 then. */
  @ParameterizedTest
  @ValueSource(strings = {"GET /other", GET})
  void requestThatNobodyAnswers_isNotSaidToBeAnswered(String requestLine) throws Exception {
    for (AccessHandler access :
        List.of(
            AccessFixture.open(registry, time),
            AccessFixture.forOne(null, 50, 100, registry, time))) {
      try (var server = new HandlerServer(time, List.of(access, unanswered()))) {
        assertThatThrownBy(() -> server.send(requestLine, "X-Api-Key: right"))
            .hasMessageContaining("said that it did not");
      }
    }
  }

  /** After the other thread verified it. */
  @Test
  void slowCredential_isVerified_andTheRestMayLeaveTheRequestToJetty() throws Exception {
    try (var server =
        new HandlerServer(
            time, List.of(AccessFixture.forOne(null, 50, 100, registry, time), unanswered()))) {
      assertThat(server.send(GET, "X-Api-Key: slow").status()).isEqualTo(404);
    }
  }

  @Test
  void failureOfAnAnswer_isCountedUnderItsCaller() throws Exception {
    var failing =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            response.setStatus(502);
            callback.failed(new IOException("The provider's body broke off"));
            return true;
          }
        };
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.open(registry, time), failing))) {
      server.send(GET);
      FakeTime.spinUntil(() -> requests("anyone") == 1);
    }
  }

  @Test
  void answersVary_byTheFieldsOfACredential_ifOneIsNeeded() {
    assertThat(AccessFixture.open(registry, time).variesBy()).isEmpty();
    assertThat(AccessFixture.forOne(null, 50, 100, registry, time).variesBy())
        .isEqualTo("Authorization, X-Api-Key");
  }

  @Test
  void bodyOfARefusedRequest_isNotRead_andTheConnectionCloses() throws Exception {
    try (var server =
        new HandlerServer(time, List.of(AccessFixture.forOne(null, 50, 100, registry, time)))) {
      assertThat(keepsConnection(server, "Content-Length: 5")).isFalse();
      assertThat(keepsConnection(server, "Transfer-Encoding: chunked")).isFalse();
      assertThat(keepsConnection(server, "Content-Length: 0")).isTrue();
      assertThat(keepsConnection(server, "X: y")).isTrue();
    }
  }

  @Test
  void misses_areBounded_andARefusedOneCostsNothing() throws Exception {
    var arrived = new CountDownLatch(2);
    var release = new CountDownLatch(1);
    var limit = new ConcurrencyLimit(2, registry);
    var holding =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            arrived.countDown();
            if (!release.await(10, TimeUnit.SECONDS)) {
              return false;
            }
            return super.handle(request, response, callback);
          }
        };
    try (var server =
        new HandlerServer(
            time,
            List.of(
                AccessFixture.open(registry, time), new VirtualThreadHandler(), limit, holding))) {
      List<Future<RawHttp>> held = List.of(server.begin(GET), server.begin(GET));
      assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(registry.get("gateway.requests.in.progress").gauge().value()).isEqualTo(2);

      RawHttp refused = server.send(GET);

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers()).containsEntry("retry-after", "5");
      assertThat(registry.get("gateway.requests.refused").counter().count()).isEqualTo(1);
      release.countDown();
      for (Future<RawHttp> answer : held) {
        assertThat(answer.get(10, TimeUnit.SECONDS).status()).isEqualTo(299);
      }
      FakeTime.spinUntil(() -> registry.get("gateway.requests.in.progress").gauge().value() == 0);
      assertThat(server.send(GET).status()).isEqualTo(299);
      assertThat(server.send("GET /other").status()).as("has permits of its own").isEqualTo(299);
    }
  }

  @Test
  void missOverTheLimit_getsTheFallbacksAnswer_orIsRefused() throws Exception {
    var limit =
        new ConcurrencyLimit(0, registry)
            .withFallback(
                (request, response, callback) -> {
                  boolean isKnown = request.getHttpURI().getQuery().equals("id=a");
                  if (isKnown) {
                    response.setStatus(203);
                    callback.succeeded();
                  }
                  return isKnown;
                });
    try (var server =
        new HandlerServer(
            time,
            List.of(
                AccessFixture.forOne(null, 1, 2, registry, time),
                new Handler.Wrapper() {
                  @Override
                  public boolean handle(Request request, Response response, Callback callback)
                      throws Exception {
                    Client.of(request).chargeRestOfMisses(1);
                    return super.handle(request, response, callback);
                  }
                },
                limit))) {
      for (int i = 0; i < 5; i++) { // each pays for a hit, 0.1; the rest of a miss is given back
        assertThat(server.send(GET, "Authorization: Bearer right").status()).isEqualTo(203);
        assertThat(server.send(GET + "b", "Authorization: Bearer right").status()).isEqualTo(503);
      }
      assertThat(registry.get("gateway.requests.refused").counter().count()).isEqualTo(5);
    }
  }

  /** It would be lost for ever otherwise. */
  @ParameterizedTest
  @CsvSource({"false, 404", "true, 500"})
  void permit_isGivenBack_ofARequestThatNobodyAnswered(boolean throwing, int status)
      throws Exception {
    var unanswered =
        new Handler.Wrapper() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            if (throwing) {
              throw new IllegalStateException("defect");
            }
            return false;
          }
        };
    try (var server =
        new HandlerServer(
            time,
            List.of(
                AccessFixture.open(registry, time),
                new VirtualThreadHandler(),
                new ConcurrencyLimit(1, registry),
                unanswered))) {
      for (int i = 0; i < 3; i++) {
        assertThat(server.send(GET).status()).isEqualTo(status);
      }
    }
  }

  private static boolean keepsConnection(HandlerServer server, String field) throws Exception {
    return !"close".equals(server.sendOnKeptConnection(GET, field).headers().get("connection"));
  }

  private double requests(String client) {
    return registry.find("gateway.client.requests").tag("client", client).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }
}
