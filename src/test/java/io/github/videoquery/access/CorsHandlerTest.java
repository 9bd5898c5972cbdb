package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.support.HandlerServer;
import io.github.videoquery.support.RawHttp;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other origins may do, in Jetty without Spring. */
class CorsHandlerTest {
  private static final String PREFLIGHT = "OPTIONS /v1/video/query?id=a";
  private static final String ORIGIN = "Origin: https://app.example.com";
  private static final String METHOD = "Access-Control-Request-Method: GET";

  private static RawHttp send(Cors cors, String requestLine, String... fields) throws Exception {
    try (var server = new HandlerServer(new FakeTime(Instant.EPOCH), List.of(cors.handler()))) {
      return server.send(requestLine, fields);
    }
  }

  private static Cors allowed(String... origins) {
    return new Cors(List.of(origins), List.of());
  }

  /** Those of Sentry, PostHog and the OpenAI SDK for browsers, which no list could hold. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "authorization|authorization",
        "authorization,baggage,sentry-trace|authorization,baggage,sentry-trace",
        "x-posthog-session-id,x-posthog-window-id|x-posthog-session-id,x-posthog-window-id",
        "authorization,user-agent,x-stainless-arch|authorization,user-agent,x-stainless-arch",
        "X-Requested-With, traceparent|X-Requested-With,traceparent",
        "authorization, x-api-key,traceparent|authorization,x-api-key,traceparent",
        "authorization, a b, {c}, x\"y|authorization",
        "'@'|''",
      })
  void preflight_isGranted_theFieldsThatItAsksFor(String asked, String granted) throws Exception {
    RawHttp answer =
        send(
            allowed("https://app.example.com"),
            PREFLIGHT,
            ORIGIN,
            METHOD,
            "Access-Control-Request-Headers: " + asked);

    assertThat(answer.headers())
        .containsEntry("access-control-allow-origin", "https://app.example.com")
        .containsEntry("access-control-allow-headers", granted)
        .containsEntry("access-control-max-age", "3600");
    assertThat(answer.headers().get("access-control-allow-methods")).isIn("GET,HEAD", "HEAD,GET");
  }

  @Test
  void preflight_isGranted_hundredFieldsAtMost() throws Exception {
    String asked = IntStream.range(0, 101).mapToObj(i -> "f" + i).collect(Collectors.joining(","));

    RawHttp answer =
        send(allowed("*"), PREFLIGHT, ORIGIN, METHOD, "Access-Control-Request-Headers: " + asked);

    assertThat(answer.headers().get("access-control-allow-headers")).endsWith(",f99");
  }

  private static Cors appAndPreviews() {
    return new Cors(List.of("https://app.example.com"), List.of("https://*.preview.example.com"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.org",
        "https://evilapp.example.com",
        "https://preview.example.com",
        "https://evil.org/.preview.example.com",
        "https://appxexample.com",
        "null"
      })
  void otherOrigin_isGrantedNothing(String origin) throws Exception {
    RawHttp preflight =
        send(
            appAndPreviews(),
            PREFLIGHT,
            "Origin: " + origin,
            METHOD,
            "Access-Control-Request-Headers: authorization");
    RawHttp query = send(appAndPreviews(), "GET /v1/video/query?id=a", "Origin: " + origin);

    assertThat(query.status()).isEqualTo(HandlerServer.PASSED_ON);
    for (RawHttp answer : List.of(preflight, query)) {
      assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control-"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.com",
        "https://a.preview.example.com",
        "https://a.b.preview.example.com"
      })
  void allowedOrigin_isNamed(String origin) throws Exception {
    assertThat(send(appAndPreviews(), PREFLIGHT, "Origin: " + origin, METHOD).headers())
        .containsEntry("access-control-allow-origin", origin);
  }

  @ParameterizedTest
  @CsvSource({"*,", ",*"})
  void anyOrigin_neverComesWithCredentials(@Nullable String origin, @Nullable String pattern)
      throws Exception {
    var any =
        new Cors(
            origin == null ? List.of() : List.of(origin),
            pattern == null ? List.of() : List.of(pattern));

    assertThat(send(any, "GET /v1/video/query?id=a", "Origin: https://any.example.org").headers())
        .containsEntry("access-control-allow-origin", "https://any.example.org")
        .doesNotContainKey("access-control-allow-credentials");
  }

  /** Only a preflight asks what it may send. */
  @ParameterizedTest
  @ValueSource(strings = {"GET /v1/video/query?id=a", "HEAD /v1/video/query?id=a"})
  void query_isPassedOn_andReadByItsPage(String requestLine) throws Exception {
    RawHttp answer =
        send(
            allowed("https://app.example.com"),
            requestLine,
            ORIGIN,
            "Access-Control-Request-Headers: authorization");

    assertThat(answer.status()).isEqualTo(HandlerServer.PASSED_ON);
    assertThat(answer.headers())
        .containsEntry("access-control-allow-origin", "https://app.example.com")
        .doesNotContainKey("access-control-allow-headers");
    assertThat(answer.headers().get("access-control-expose-headers")).contains("Retry-After");
  }

  @Test
  void pagesReadWhyARequestCouldNotBeRead_ifPagesMayAskAtAll() {
    assertThat(allowed().fieldsOfUnreadRequests()).isEmpty();
    for (Cors some :
        List.of(
            allowed("https://app.example.com"),
            new Cors(List.of(), List.of("https://*.example.com")))) {
      assertThat(some.fieldsOfUnreadRequests())
          .singleElement()
          .satisfies(
              field -> {
                assertThat(field.getName()).isEqualTo("Access-Control-Allow-Origin");
                assertThat(field.getValue()).isEqualTo("*");
              });
    }
  }
}
