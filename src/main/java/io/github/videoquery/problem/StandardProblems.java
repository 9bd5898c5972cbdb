package io.github.videoquery.problem;

import java.util.EnumMap;
import java.util.Map;

/**
 * The problem for each refusal that is known only by its HTTP status: the server's and the
 * framework's own.
 */
final class StandardProblems {
  private static final Map<ProblemCode, Problem> PROBLEMS = new EnumMap<>(ProblemCode.class);

  static {
    for (ProblemCode code : ProblemCode.values()) {
      PROBLEMS.put(code, Problem.of(code, detail(code)));
    }
  }

  private StandardProblems() {}

  static Problem of(int status) {
    Problem problem = PROBLEMS.get(ProblemCode.ofStatus(status));
    return problem != null
        ? problem
        : Problem.of(ProblemCode.INTERNAL_ERROR, detail(ProblemCode.INTERNAL_ERROR));
  }

  private static String detail(ProblemCode code) {
    return switch (code) {
      case NOT_FOUND -> "Ask GET /v1/video/query?id=<task id>; /openapi.yaml describes it.";
      case METHOD_NOT_ALLOWED -> "Use one of the methods in the Allow header.";
      case NOT_ACCEPTABLE ->
          "Tasks are answered as application/json; accept that, or send no Accept header.";
      case PAYLOAD_TOO_LARGE -> "A question needs no body; send none.";
      case URI_TOO_LONG -> "Shorten the request target.";
      case HEADERS_TOO_LARGE -> "Send fewer or shorter headers.";
      case INTERNAL_ERROR ->
          "The mistake is logged under this requestId; try again, then tell the operators.";
      case OVERLOADED -> "Try again in a moment.";
      default -> "The request does not follow HTTP, or its target cannot be read.";
    };
  }
}
