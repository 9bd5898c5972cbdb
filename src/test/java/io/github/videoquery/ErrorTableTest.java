package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.ProblemAssertions;
import io.github.videoquery.support.RawHttp;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is wrong with a request, Jetty's and Spring's own refusals included, is answered with
 * the right problem.
 */
class ErrorTableTest {
  private static final String PATH = "/v1/video/query";

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  static Stream<Arguments> refusals() {
    String host = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    String end = "\r\n";
    return Stream.of(
        Arguments.of("no HTTP at all", "garbage" + end + end, 400, "bad-request"),
        Arguments.of(
            "unknown version", "GET / HTTP/9.9" + end + "Host: a" + end + end, 400, "bad-request"),
        Arguments.of("HTTP/0.9", "GET " + PATH + "?id=a" + end, 400, "bad-request"),
        Arguments.of("no host", "GET " + PATH + "?id=a HTTP/1.1" + end + end, 400, "bad-request"),
        Arguments.of(
            "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b" + end + end, 400, "bad-request"),
        Arguments.of("bad header", "GET /" + host + "a b: c" + end + end, 400, "bad-request"),
        Arguments.of(
            "bad content length",
            "GET /" + host + "Content-Length: x" + end + end,
            400,
            "bad-request"),
        Arguments.of("bad path encoding", "GET /%zz" + host + end, 400, "bad-request"),
        Arguments.of(
            "ambiguous path", "GET /v1/video/%2e%2e/query" + host + end, 400, "bad-request"),
        Arguments.of("encoded slash", "GET /v1%2fvideo/query" + host + end, 400, "bad-request"),
        Arguments.of(
            "unknown expectation",
            "GET " + PATH + "?id=a" + host + "Expect: wonders" + end + end,
            400,
            "bad-request"),
        Arguments.of("no id", "GET " + PATH + host + end, 400, "invalid-task-id"),
        Arguments.of("two ids", "GET " + PATH + "?id=a&id=b" + host + end, 400, "invalid-task-id"),
        Arguments.of(
            "long id",
            "GET " + PATH + "?id=" + "a".repeat(1025) + host + end,
            400,
            "invalid-task-id"),
        Arguments.of(
            "bad encoding", "GET " + PATH + "?id=%zz" + host + end, 400, "invalid-task-id"),
        Arguments.of("raw non-ASCII", "GET " + PATH + "?id=\u00e4" + host + end, 400, null),
        Arguments.of("NUL in id", "GET " + PATH + "?id=a%00" + host + end, 400, "invalid-task-id"),
        Arguments.of(
            "bad model", "GET " + PATH + "?id=a&model=%20" + host + end, 400, "bad-request"),
        Arguments.of("unknown path", "GET /nothing" + host + end, 404, "not-found"),
        Arguments.of("inside of the war", "GET /WEB-INF/web.xml" + host + end, 404, "not-found"),
        Arguments.of("metadata", "GET /META-INF/MANIFEST.MF" + host + end, 404, "not-found"),
        Arguments.of("unknown problem", "GET /problems/none" + host + end, 404, "not-found"),
        Arguments.of("error path", "GET /error" + host + end, 404, "not-found"),
        Arguments.of(
            "POST",
            "POST " + PATH + "?id=a" + host + "Content-Length: 0" + end + end,
            405,
            "method-not-allowed"),
        Arguments.of("DELETE", "DELETE " + PATH + "?id=a" + host + end, 405, "method-not-allowed"),
        Arguments.of("PATCH", "PATCH " + PATH + "?id=a" + host + end, 405, "method-not-allowed"),
        Arguments.of(
            "invented method", "BREW " + PATH + "?id=a" + host + end, 405, "method-not-allowed"),
        Arguments.of("TRACE", "TRACE " + PATH + "?id=a" + host + end, 405, "method-not-allowed"),
        Arguments.of("TRACE elsewhere", "TRACE /" + host + end, 405, "method-not-allowed"),
        Arguments.of(
            "HTML wanted",
            "GET " + PATH + "?id=a" + host + "Accept: text/html" + end + end,
            406,
            "not-acceptable"),
        Arguments.of(
            "bad Accept",
            "GET " + PATH + "?id=a" + host + "Accept: ;;" + end + end,
            406,
            "not-acceptable"),
        Arguments.of(
            "large body",
            "GET " + PATH + "?id=a" + host + "Content-Length: 99999999" + end + end,
            413,
            "payload-too-large"),
        Arguments.of(
            "long target",
            "GET " + PATH + "?id=a&x=" + "a".repeat(20_000) + host + end,
            414,
            "uri-too-long"),
        Arguments.of(
            "large headers",
            "GET " + PATH + "?id=a" + host + ("X-A: " + "a".repeat(4_000) + end).repeat(6) + end,
            431,
            "headers-too-large"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void request_isRefused_withItsProblem(String what, String request, int status, String code)
      throws Exception {
    RawHttp answer = RawHttp.send(gateway.port(), request);

    ProblemAssertions.assertProblem(answer, status, code);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void managementPort_refusesNoLessPolitely(String what, String request, int status, String code)
      throws Exception {
    RawHttp answer = RawHttp.send(gateway.managementPort(), request);

    assertThat(answer.status()).isGreaterThanOrEqualTo(400);
    ProblemAssertions.assertNothingLeaks(answer);
  }

  @Test
  void connect_isRefused() throws Exception {
    RawHttp answer = RawHttp.send(gateway.port(), "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");

    assertThat(answer.status()).isBetween(400, 499);
    ProblemAssertions.assertNothingLeaks(answer);
  }

  @Test
  void methodNotAllowed_namesTheAllowedOnes() throws Exception {
    HttpResponse<byte[]> answer = gateway.send("DELETE", gateway.query("id=a"));

    assertThat(answer.headers().firstValue("Allow").orElse("").split(", ?"))
        .containsExactlyInAnyOrder("GET", "HEAD");
  }

  @Test
  void bodyOfAQuestion_isIgnored() throws Exception {
    String request =
        "GET "
            + PATH
            + "?id=sim:gzip HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\nhello";

    assertThat(RawHttp.send(gateway.port(), request).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(ProblemCode.class)
  void typeOfEachProblem_leadsToAPage(ProblemCode code) throws Exception {
    URI page = gateway.query("").resolve("/problems/" + code.code());

    HttpResponse<byte[]> answer = gateway.send("GET", page);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'");
    assertThat(answer.body())
        .asString()
        .contains(code.code())
        .contains(Integer.toString(code.status()));
  }
}
