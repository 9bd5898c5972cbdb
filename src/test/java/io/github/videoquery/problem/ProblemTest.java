package io.github.videoquery.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeResponse;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProblemTest {
  private static final JsonMapper JSON = new JsonMapper();

  @ParameterizedTest
  @EnumSource
  void document_isCompleteForEachCode(ProblemCode code) {
    HttpReply reply = Problem.of(code).reply(ProblemRequest.unread("abc"));
    JsonNode document = JSON.readTree(reply.body());

    assertThat(reply.status()).isEqualTo(code.status());
    assertThat(document.get("type").asString()).isEqualTo("/problems/" + code.code());
    assertThat(document.get("title").asString()).isEqualTo(code.title());
    assertThat(document.get("status").asInt()).isEqualTo(code.status());
    assertThat(document.get("detail").asString()).isEqualTo(code.remedy());
    assertThat(document.get("code").asString()).isEqualTo(code.code());
    assertThat(document.get("error").get("message").asString())
        .isEqualTo(code.title() + ". " + code.remedy());
    assertThat(document.get("error").get("type").asString()).isEqualTo(code.errorType());
    assertThat(document.get("error").get("code").asString()).isEqualTo(code.code());
    assertThat(document.get("requestId").asString()).isEqualTo("abc");
    assertThat(reply.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(reply.field("Cache-Control")).isEqualTo("no-store");
    assertThat(reply.field("Content-Length"))
        .isEqualTo(Integer.toString(Objects.requireNonNull(reply.body()).length));
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_TASK_ID, invalid_request_error",
    "UNAUTHENTICATED, authentication_error",
    "FORBIDDEN, permission_error",
    "TASK_NOT_FOUND, not_found_error",
    "RATE_LIMITED, rate_limit_error",
    "INTERNAL_ERROR, api_error",
    "OVERLOADED, api_error",
  })
  void kindOfError_isTheFamilys(ProblemCode code, String type) {
    assertThat(code.errorType()).isEqualTo(type);
    assertThat(code.title()).isNotBlank();
    assertThat(code.remedy()).endsWith(".");
    assertThat(ProblemCode.of(code.code())).contains(code);
    assertThat(ProblemCode.of("no-such-code")).isEmpty();
  }

  @Test
  void problems_areCounted() {
    var registry = new SimpleMeterRegistry();
    Metrics.addRegistry(registry);
    try {
      double before = count(registry);
      Problem.of(ProblemCode.URI_TOO_LONG).reply(ProblemRequest.unread("a"));
      assertThat(count(registry) - before).isEqualTo(1);
    } finally {
      Metrics.removeRegistry(registry);
    }
  }

  private static double count(SimpleMeterRegistry registry) {
    return registry.get("gateway.problems").tag("code", "uri-too-long").counter().count();
  }

  @ParameterizedTest
  @CsvSource({
    "400, bad-request",
    "401, unauthenticated",
    "403, forbidden",
    "404, not-found",
    "405, method-not-allowed",
    "406, not-acceptable",
    "413, payload-too-large",
    "414, uri-too-long",
    "418, bad-request",
    "429, rate-limited",
    "431, headers-too-large",
    "499, bad-request",
    "500, internal-error",
    "501, method-not-allowed",
    "503, overloaded",
    "505, bad-request",
    "599, internal-error",
  })
  void statusOfTheServer_hasACode(int status, String code) {
    Problem problem = Problem.ofStatus(status);

    assertThat(problem.code().code()).isEqualTo(code);
    assertThat(problem.reply(ProblemRequest.unread("a")).field("Retry-After"))
        .isEqualTo(status == 503 ? "5" : null);
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 1", "PT0.2S, 1", "PT1S, 1", "PT1.001S, 2", "PT30S, 30"})
  void retryAfter_isWholeSeconds_roundedUp(Duration time, String seconds) {
    HttpReply reply =
        Problem.retryable(ProblemCode.OVERLOADED, "Wait.", time, Map.of("upstreamStatus", 503))
            .reply(ProblemRequest.unread("a"));

    assertThat(reply.field("Retry-After")).isEqualTo(seconds);
    JsonNode document = JSON.readTree(reply.body());
    assertThat(document.get("retryAfter").asString()).isEqualTo(seconds);
    assertThat(document.get("upstreamStatus").asInt()).isEqualTo(503);
  }

  @Test
  void exception_hasItsProblem() {
    assertThat(new ProblemException(ProblemCode.OVERLOADED).problem().code())
        .isEqualTo(ProblemCode.OVERLOADED);
    assertThat(document(new ProblemException(ProblemCode.OVERLOADED, "Wait.").problem()))
        .contains("Wait.");
  }

  @Test
  void statusOfTheProvider_isToldWhereThereWasOne() {
    assertThat(document(Problem.ofUpstream(ProblemCode.UPSTREAM_ERROR, "No.", 500)))
        .contains("\"upstreamStatus\":500");
    assertThat(document(Problem.ofUpstream(ProblemCode.UPSTREAM_ERROR, "No.", 0)))
        .doesNotContain("upstreamStatus");
  }

  @Test
  void problem_takesThePlaceOfAnAnswerThatWasBegun() {
    var response = new FakeResponse();
    response.fields.put("X-Request-Id", "abc");
    for (String field : new String[] {"ETag", "Age", "Content-Encoding", "Retry-After"}) {
      response.fields.put(field, "1");
    }
    response.fields.put("Cache-Control", "private");

    Problem.of(ProblemCode.METHOD_NOT_ALLOWED)
        .withHeader("Allow", "GET")
        .writeTo(response.response(), Callback.NOOP);

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.isComplete()).isTrue();
    assertThat(response.take()).contains("\"requestId\":\"abc\"");
    assertThat(response.fields.getFieldNamesCollection())
        .contains("Allow", "X-Request-Id")
        .doesNotContain("ETag", "Age", "Content-Encoding", "Retry-After");
    assertThat(response.fields.getValuesList("Cache-Control")).containsExactly("no-store");
  }

  @Test
  void reply_isAnEntityOfSpring() {
    HttpReply reply = Problem.of(ProblemCode.NOT_FOUND).reply(ProblemRequest.unread("abc"));
    var entity = reply.toEntity();

    assertThat(entity.getStatusCode().value()).isEqualTo(404);
    assertThat(entity.getBody()).isEqualTo(reply.body());
    assertThat(entity.getHeaders().getFirst("Content-Type")).isEqualTo("application/problem+json");
    assertThat(HttpReply.of(entity)).isSameAs(reply);
    assertThat(HttpReply.of("another")).isNull();
  }

  /** A proxy that takes a part off the path would not find the page of the problem. */
  @Test
  void type_beginsWithWhatAProxyTookOffThePath() {
    var request = new ProblemRequest.Unread("a", "/videos");
    byte[] document = Problem.of(ProblemCode.NOT_FOUND).document(request);

    assertThat(new String(document, StandardCharsets.UTF_8))
        .startsWith("{\"type\":\"/videos/problems/not-found\",")
        .endsWith("\"requestId\":\"a\"}");
  }

  private static String document(Problem problem) {
    return new String(problem.document(ProblemRequest.unread("a")), StandardCharsets.UTF_8);
  }
}
