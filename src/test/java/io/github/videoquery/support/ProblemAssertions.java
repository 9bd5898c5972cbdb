package io.github.videoquery.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What each problem has in common. */
public final class ProblemAssertions {
  private static final JsonMapper JSON = new JsonMapper();

  private ProblemAssertions() {}

  public static void assertProblem(RawHttp answer, int status, @Nullable String code) {
    assertThat(answer.statusLine()).contains(" " + status + " ");
    assertThat(answer.headers().get("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.headers())
        .containsEntry("cache-control", "no-store")
        .containsEntry("x-content-type-options", "nosniff");
    assertNothingLeaks(answer);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").isNumber()).isTrue();
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    if (code != null) {
      assertThat(problem.get("code").asString()).isEqualTo(code);
    }
    assertThat(problem.get("type").asString())
        .isEqualTo("/problems/" + problem.get("code").asString());
    assertThat(problem.get("title").asString()).isNotBlank();
    assertThat(problem.get("requestId").asString())
        .isEqualTo(answer.headers().get("x-request-id"))
        .isNotBlank();
    assertThat(problem.get("error").get("message").asString())
        .isEqualTo(problem.get("title").asString() + ". " + problem.get("detail").asString());
    assertThat(problem.get("detail").asString())
        .as("a sentence with a subject")
        .matches("[A-Z].* .*\\.");
    assertThat(problem.get("error").get("code").asString())
        .isEqualTo(problem.get("code").asString());
    assertThat(problem.get("error").get("type").asString()).isNotBlank();
  }

  public static void assertNothingLeaks(RawHttp answer) {
    assertThat(answer.headers()).doesNotContainKey("server");
    assertThat(answer.toString().toLowerCase(Locale.ROOT))
        .doesNotContain("jetty", "spring", "<html", "exception", "\tat ", "whitelabel");
  }
}
