package io.github.videoquery.query;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The problem for each kind of provider failure. None repeats the provider's messages, because they
 * can hold keys.
 */
final class ProviderProblems {
  private static final Problem NOT_FOUND = Problem.of(ProblemCode.TASK_NOT_FOUND);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

  private static final Problem NOT_REACHED =
      Problem.of(
          ProblemCode.UPSTREAM_ERROR,
          "The provider could not be reached, or broke off before answering. Try again in a"
              + " moment.");
  private static final Problem TIMED_OUT = Problem.of(ProblemCode.UPSTREAM_TIMEOUT);
  private static final Problem SATURATED =
      Problem.retryable(
          ProblemCode.OVERLOADED,
          "The gateway has as many calls in flight as it may. Wait for the time in Retry-After.",
          RETRY_AFTER,
          Map.of());
  private static final Problem PAUSED =
      Problem.retryable(
          ProblemCode.UPSTREAM_ERROR,
          "The provider keeps failing, so the gateway asks it only now and then. Wait for the time"
              + " in Retry-After.",
          RETRY_AFTER,
          Map.of());

  private static final Problem PACED =
      Problem.retryable(
          ProblemCode.OVERLOADED,
          "More tasks are asked about than the provider's account may be called for. Wait for the"
              + " time in Retry-After.",
          RETRY_AFTER,
          Map.of());

  private ProviderProblems() {}

  /** The problem to tell of a reply that is not about a task's state. */
  static Problem of(TaskReply reply) {
    return switch (reply) {
      case NotFound _ -> NOT_FOUND;
      case Refused refused -> of(refused);
      case Unreachable unreachable -> of(unreachable);
      case Known known -> throw new IllegalArgumentException("No problem: " + known.status());
    };
  }

  private static Problem of(Refused refused) {
    return switch (refused.refusal()) {
      case CREDENTIALS -> plain(refused, ProblemCode.UPSTREAM_REJECTED_CREDENTIALS);
      case QUOTA -> plain(refused, ProblemCode.UPSTREAM_QUOTA_EXHAUSTED);
      case INVALID_RESPONSE, ANOTHER_TASK, CUT ->
          plain(refused, ProblemCode.UPSTREAM_INVALID_RESPONSE);
      case TOO_LARGE ->
          Problem.ofUpstream(
              ProblemCode.UPSTREAM_INVALID_RESPONSE,
              "The provider's answer is larger than gateway.upstream.max-body-size; the operators"
                  + " can raise it.",
              refused.upstreamStatus());
      case REDIRECT ->
          Problem.ofUpstream(
              ProblemCode.UPSTREAM_ERROR,
              "The provider redirects to another address. The gateway does not follow, as its key"
                  + " belongs to this address alone. The operators have to correct the address.",
              refused.upstreamStatus());
      case ERROR -> plain(refused, ProblemCode.UPSTREAM_ERROR);
      case RATE_LIMITED -> later(refused, ProblemCode.UPSTREAM_RATE_LIMITED);
      case OVERLOADED -> later(refused, ProblemCode.UPSTREAM_OVERLOADED);
    };
  }

  private static Problem of(Unreachable unreachable) {
    return switch (unreachable.trouble()) {
      case DNS, CONNECT, TLS, PROXY, BROKEN, TIMEOUT ->
          unreachable.isTimeout() ? TIMED_OUT : NOT_REACHED;
      case SATURATED -> SATURATED;
      case PACED -> PACED;
      case PAUSED -> PAUSED;
    };
  }

  private static Problem plain(Refused refused, ProblemCode code) {
    return Problem.ofUpstream(code, code.remedy(), refused.upstreamStatus());
  }

  private static Problem later(Refused refused, ProblemCode code) {
    Duration asked = Objects.requireNonNullElse(refused.retryAfter(), RETRY_AFTER);
    Duration retryAfter = asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
    return Problem.retryable(
        code, code.remedy(), retryAfter, Map.of("upstreamStatus", refused.upstreamStatus()));
  }
}
