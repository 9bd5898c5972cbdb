package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProviderProblemsTest {
  private static final Set<Refusal> LATER = EnumSet.of(Refusal.RATE_LIMITED, Refusal.OVERLOADED);

  @ParameterizedTest
  @CsvSource({
    "CREDENTIALS, 502, upstream-rejected-credentials",
    "QUOTA, 502, upstream-quota-exhausted",
    "RATE_LIMITED, 503, upstream-rate-limited",
    "OVERLOADED, 503, upstream-overloaded",
    "INVALID_RESPONSE, 502, upstream-invalid-response",
    "ANOTHER_TASK, 502, upstream-invalid-response",
    "CUT, 502, upstream-invalid-response",
    "TOO_LARGE, 502, upstream-invalid-response",
    "REDIRECT, 502, upstream-error",
    "ERROR, 502, upstream-error",
  })
  void refusal_isToldWithTheProvidersStatus(Refusal refusal, int status, String code) {
    Problem problem = ProviderProblems.of(new Refused(refusal, 418, null));

    assertThat(problem.code().code()).isEqualTo(code);
    JsonNode document = document(problem);
    assertThat(document.get("status").asInt()).isEqualTo(status);
    assertThat(document.get("upstreamStatus").asInt()).isEqualTo(418);
    assertThat(retryAfter(problem)).isEqualTo(LATER.contains(refusal) ? "5" : null);
  }

  @ParameterizedTest
  @CsvSource({
    "DNS, upstream-error,",
    "CONNECT, upstream-error,",
    "TLS, upstream-error,",
    "PROXY, upstream-error,",
    "BROKEN, upstream-error,",
    "TIMEOUT, upstream-timeout,",
    "SATURATED, overloaded, 5",
    "PACED, overloaded, 5",
    "PAUSED, upstream-error, 5",
  })
  void troubleWithoutAnAnswer_hasNoStatusOfTheProvider(
      Trouble trouble, String code, @Nullable String retryAfter) {
    Problem problem = ProviderProblems.of(new Unreachable(trouble));

    assertThat(problem.code().code()).isEqualTo(code);
    assertThat(document(problem).has("upstreamStatus")).isFalse();
    assertThat(retryAfter(problem)).isEqualTo(retryAfter);
  }

  /** The deadline for the connection, for example. */
  @ParameterizedTest
  @EnumSource(names = {"DNS", "CONNECT", "TLS", "PROXY", "BROKEN"})
  void troubleThatADeadlineEnded_isATimeout(Trouble trouble) {
    assertThat(ProviderProblems.of(new Unreachable(trouble, true)).code().code())
        .isEqualTo("upstream-timeout");
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 1", "PT28.1S, 29", "PT30S, 30", "PT31S, 30", "PT24H, 30"})
  void retryAfter_isTheProviders_from1To30Seconds(Duration asked, String told) {
    for (Refusal refusal : LATER) {
      assertThat(retryAfter(ProviderProblems.of(new Refused(refusal, 503, asked)))).isEqualTo(told);
    }
  }

  @Test
  void unknownTask_isNotFound_andAnAnswerIsNoProblem() {
    TaskReply answer = CacheFixture.UNFINISHED;

    assertThat(document(ProviderProblems.of(new NotFound())).get("status").asInt()).isEqualTo(404);
    assertThatThrownBy(() -> ProviderProblems.of(answer)).hasMessage("No problem: queued");
  }

  private static JsonNode document(Problem problem) {
    return new JsonMapper().readTree(problem.document(ProblemRequest.unread("abc")));
  }

  private static @Nullable String retryAfter(Problem problem) {
    return problem.reply(ProblemRequest.unread("abc")).field("Retry-After");
  }
}
