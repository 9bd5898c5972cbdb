package io.github.videoquery.query;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The problem for each way the provider can fail us. None repeats a word of the provider's: its
 * messages can hold keys.
 */
final class UpstreamProblems {
  static final Problem NOT_FOUND =
      Problem.of(
          ProblemCode.TASK_NOT_FOUND,
          "The provider knows no task of this id. Check the id; a task created a moment ago may"
              + " take a few seconds to appear.");

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

  private UpstreamProblems() {}

  static Problem of(Refused refused) {
    return switch (refused.refusal()) {
      case CREDENTIALS ->
          plain(
              refused,
              ProblemCode.UPSTREAM_REJECTED_CREDENTIALS,
              "The provider rejected the gateway's own key, not yours. The operators must replace"
                  + " it.");
      case QUOTA ->
          plain(
              refused,
              ProblemCode.UPSTREAM_QUOTA_EXHAUSTED,
              "The gateway's account at the provider is out of quota. The operators must top it"
                  + " up.");
      case INVALID_RESPONSE ->
          plain(
              refused,
              ProblemCode.UPSTREAM_INVALID_RESPONSE,
              "The provider answered with something that is not one whole JSON object. Try again in"
                  + " a moment.");
      case TOO_LARGE ->
          plain(
              refused,
              ProblemCode.UPSTREAM_INVALID_RESPONSE,
              "The provider's answer is larger than gateway.upstream.max-body-size. The operators"
                  + " can raise it.");
      case ERROR ->
          plain(
              refused,
              ProblemCode.UPSTREAM_ERROR,
              "The provider answered with an error. Try again in a moment.");
      case RATE_LIMITED ->
          later(
              refused,
              ProblemCode.UPSTREAM_RATE_LIMITED,
              "The provider limits how often the gateway may ask. Try again after the given time.");
      case OVERLOADED ->
          later(
              refused,
              ProblemCode.UPSTREAM_OVERLOADED,
              "The provider has no capacity just now. Try again after the given time.");
    };
  }

  static Problem of(Unreachable unreachable) {
    return switch (unreachable.trouble()) {
      case CONNECTION ->
          Problem.of(
              ProblemCode.UPSTREAM_ERROR,
              "The provider could not be reached, or broke off before answering. Try again in a"
                  + " moment.");
      case TIMEOUT ->
          Problem.of(
              ProblemCode.UPSTREAM_TIMEOUT,
              "The provider did not answer within the gateway's deadline. Try again in a moment.");
      case SATURATED ->
          Problem.retryable(
              ProblemCode.OVERLOADED,
              "The gateway has as many calls in flight as it may. Try again after the given time.",
              RETRY_AFTER,
              Map.of());
    };
  }

  private static Problem plain(Refused refused, ProblemCode code, String detail) {
    return Problem.ofUpstream(code, detail, refused.upstreamStatus());
  }

  private static Problem later(Refused refused, ProblemCode code, String detail) {
    Duration asked = Objects.requireNonNullElse(refused.retryAfter(), RETRY_AFTER);
    Duration retryAfter = asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
    return Problem.retryable(
        code, detail, retryAfter, Map.of("upstreamStatus", refused.upstreamStatus()));
  }
}
