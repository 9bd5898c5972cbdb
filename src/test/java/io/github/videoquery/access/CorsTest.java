package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.support.Chromium;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.RawHttp;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.chrome.ChromeDriver;

/** Pages of other origins: raw requests, and {@code fetch} in a real browser. */
class CorsTest {
  private static final String FINISHED = "id=veo3:1770350082-finished01";
  private static final String ALLOWED = "https://app.example.com";

  @TempDir static Path folder;
  private static GatewayFixture page;
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: a, keys: [\"%s\"]}, {name: b, keys: [\"%s\"], rate: {per-second: 1, burst: 9}}]"
                .formatted(GatewayFixture.hash("key-a"), GatewayFixture.hash("key-b")));
    page = GatewayFixture.start();
    gateway =
        GatewayFixture.start(
            "gateway.access.mode=api-key",
            "gateway.access.clients-file=" + clients,
            "gateway.access.cors.allowed-origins=" + ALLOWED + ",http://127.0.0.1:" + page.port(),
            "gateway.access.cors.allowed-origin-patterns=https://*.preview.example.com");
  }

  @AfterAll
  static void stop() {
    gateway.close();
    page.close();
  }

  @Test
  void preflight_isAnsweredWithoutAKey_andCached() throws Exception {
    String origin = "https://a.preview.example.com";
    HttpResponse<byte[]> answer = preflight(origin);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains(origin);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
        .contains("GET");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
        .isEqualTo("authorization,if-none-match,prefer");
    assertThat(answer.headers().firstValue("Access-Control-Max-Age")).contains("3600");
    assertThat(answer.headers().firstValue("Vary").orElse("")).contains("Origin");
  }

  @Test
  void foreignOrigin_isAnsweredNormally_withoutCorsHeaders() throws Exception {
    String origin = "https://evil.example.com";
    HttpResponse<byte[]> answer =
        gateway.get(FINISHED, "Authorization", "Bearer key-a", "Origin", origin);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertNoCors(answer.headers());
    assertNoCors(preflight(origin).headers());
  }

  @Test
  void answer_letsThePageReadIt_andNamesOriginInVary() throws Exception {
    HttpResponse<byte[]> answer =
        gateway.get(FINISHED, "Authorization", "Bearer key-a", "Origin", ALLOWED);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertReadable(answer.headers());
    assertThat(answer.headers().allValues("Vary"))
        .containsExactly("Accept, Accept-Encoding, Origin, Authorization, X-Api-Key");
    assertThat(answer.headers().firstValue("X-Accel-Expires")).contains("0");
  }

  @Test
  void errors_areReadable_too() throws Exception {
    HttpResponse<byte[]> unauthenticated = gateway.get(FINISHED, "Origin", ALLOWED);
    HttpResponse<byte[]> invalid =
        gateway.get("id=", "Authorization", "Bearer key-a", "Origin", ALLOWED);
    HttpResponse<byte[]> unknown =
        gateway.send("GET", gateway.query("").resolve("/nothing"), "Origin", ALLOWED);

    assertThat(unauthenticated.statusCode()).isEqualTo(401);
    assertThat(invalid.statusCode()).isEqualTo(400);
    assertThat(unknown.statusCode()).isEqualTo(404);
    HttpResponse<byte[]> notPlain =
        gateway.send("GET", gateway.query("").resolve("/v1/video/query;x=1"), "Origin", ALLOWED);
    assertThat(notPlain.statusCode()).isEqualTo(400);
    for (HttpResponse<byte[]> error : List.of(unauthenticated, invalid, unknown, notPlain)) {
      assertReadable(error.headers());
      assertThat(error.headers().firstValue("Vary").orElse("")).contains("Origin");
    }
  }

  @Test
  void stream_isReadable_too() throws Exception {
    HttpResponse<byte[]> answer =
        gateway.get(
            FINISHED,
            "Authorization",
            "Bearer key-a",
            "Origin",
            ALLOWED,
            "Accept",
            "text/event-stream");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertReadable(answer.headers());
  }

  @Test
  void optionsWithoutAnOrigin_isNoPreflight() throws Exception {
    assertThat(gateway.send("OPTIONS", gateway.query(FINISHED)).statusCode()).isEqualTo(401);
    assertThat(
            gateway
                .send("OPTIONS", gateway.query(FINISHED), "Authorization", "Bearer key-a")
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void browserOfAnAllowedOrigin_readsAnswersAndErrors() {
    ChromeDriver chromium = Chromium.start();
    assumeTrue(chromium != null, "Chromium and its driver are not installed");
    try {
      Map<?, ?> told = fetchFrom("http://127.0.0.1:" + page.port(), chromium);

      assertThat(told.get("status")).isEqualTo(200L);
      assertThat(told.get("state")).isEqualTo("completed");
      assertThat(told.get("headers"))
          .asString()
          .contains("cache-status", "etag", "age", "x-request-id");
      assertThat(told.get("refused")).isEqualTo("401 unauthenticated");
      assertThat(told.get("limited")).asString().matches("429 [1-9].* \"client\";r=0;t=[1-9].*");

      Map<?, ?> foreign = fetchFrom("http://localhost:" + page.port(), chromium);

      assertThat(foreign.get("error")).asString().contains("Failed to fetch");
    } finally {
      chromium.quit();
    }
  }

  /** What a page of the origin can learn from the gateway. */
  private static Map<?, ?> fetchFrom(String origin, ChromeDriver chromium) {
    chromium.get(origin + "/nothing");
    return Objects.requireNonNull(
        (Map<?, ?>)
            chromium.executeAsyncScript(
                """
                const [url, done] = arguments;
                const ask = (id, key) => fetch(url + id,
                    {headers: {Authorization: 'Bearer ' + key, 'If-None-Match': '"x"', baggage: 'a=b',
                      'sentry-trace': '1-2', 'x-posthog-session-id': '3',
                      'x-stainless-lang': 'js', 'x-requested-with': 'XMLHttpRequest'}});
                (async () => {
                  const answer = await ask('veo3:1770350082-finished01', 'key-a');
                  const state = (await answer.json()).status;
                  const refused = await ask('a', 'wrong');
                  const code = (await refused.json()).code;
                  let limited = answer;
                  for (let i = 0; i < 60 && limited.status !== 429; i++) {
                    limited = await ask('veo3:1770350082-new' + i, 'key-b');
                  }
                  return {
                    status: answer.status, state, headers: [...answer.headers.keys()].join(),
                    refused: refused.status + ' ' + code,
                    limited: [limited.status, limited.headers.get('Retry-After'),
                        limited.headers.get('RateLimit')].join(' ')};
                })().then(done, error => done({error: String(error)}));
                """,
                gateway.query("id=").toString()));
  }

  /** Jetty refuses these before it knows the origin. */
  @ParameterizedTest
  @CsvSource({"GET /x HTTP/9.9, 400", "GET /{long} HTTP/1.1, 414", "X-Long: {long}, 431"})
  void requestThatCannotBeRead_isReadable_forAnyPage(String line, int status) throws Exception {
    String written = line.replace("{long}", "x".repeat(40_000));
    String head =
        written.startsWith("GET")
            ? written + "\r\nHost: x\r\n\r\n"
            : "GET / HTTP/1.1\r\nHost: x\r\n" + written + "\r\n\r\n";

    assertThat(RawHttp.exchange(gateway.port(), head))
        .startsWith("HTTP/1.1 " + status)
        .containsOnlyOnce("Access-Control-Allow-Origin: *\r\n")
        .contains("application/problem+json");
    assertThat(RawHttp.exchange(page.port(), head))
        .startsWith("HTTP/1.1 " + status)
        .doesNotContain("Access-Control");
  }

  private static HttpResponse<byte[]> preflight(String origin) throws Exception {
    return preflight(origin, "authorization,if-none-match,prefer");
  }

  private static HttpResponse<byte[]> preflight(String origin, String asked) throws Exception {
    return gateway.send(
        "OPTIONS",
        gateway.query(FINISHED),
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "GET",
        "Access-Control-Request-Headers",
        asked);
  }

  private static void assertReadable(HttpHeaders headers) {
    assertThat(headers.firstValue("Access-Control-Allow-Origin")).contains(ALLOWED);
    assertThat(headers.firstValue("Access-Control-Expose-Headers").orElse("").split(","))
        .contains(
            "Retry-After",
            "ETag",
            "Age",
            "Cache-Status",
            "X-Request-Id",
            "RateLimit",
            "RateLimit-Policy");
  }

  private static void assertNoCors(HttpHeaders headers) {
    assertThat(headers.map().keySet())
        .noneMatch(name -> name.regionMatches(true, 0, "Access-Control-", 0, 15));
  }
}
