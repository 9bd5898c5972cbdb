package io.github.videoquery.problem;

import java.util.Locale;

/** The kinds of problem, each with the HTTP status it is always answered with. */
public enum ProblemCode {
  INVALID_TASK_ID(400, "The task id is not valid"),
  INVALID_WAIT(400, "The wait is not valid"),
  BAD_REQUEST(400, "The request is not valid"),
  UNAUTHENTICATED(401, "A valid credential is needed"),
  FORBIDDEN(403, "This caller may not ask that"),
  TASK_NOT_FOUND(404, "The provider knows no such task"),
  NOT_FOUND(404, "There is nothing at this path"),
  METHOD_NOT_ALLOWED(405, "This path does not support the method"),
  NOT_ACCEPTABLE(406, "No acceptable representation"),
  PAYLOAD_TOO_LARGE(413, "The request body is too large"),
  URI_TOO_LONG(414, "The request target is too long"),
  RATE_LIMITED(429, "Too many requests"),
  HEADERS_TOO_LARGE(431, "The request headers are too large"),
  INTERNAL_ERROR(500, "The gateway made a mistake"),
  UPSTREAM_REJECTED_CREDENTIALS(502, "The provider rejected the gateway's key"),
  UPSTREAM_QUOTA_EXHAUSTED(502, "The gateway's account at the provider has run out of quota"),
  UPSTREAM_INVALID_RESPONSE(502, "The provider's answer is unusable"),
  UPSTREAM_ERROR(502, "The provider failed"),
  UPSTREAM_RATE_LIMITED(503, "The provider limits the gateway's rate"),
  UPSTREAM_OVERLOADED(503, "The provider is overloaded"),
  OVERLOADED(503, "The gateway is overloaded"),
  UPSTREAM_TIMEOUT(504, "The provider did not answer in time");

  private final int status;
  private final String title;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The code as clients see it, for example {@code task-not-found}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** The word for {@code error.type} that clients of this API family branch on. */
  String errorType() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }

  /** The code a bare HTTP status stands for. */
  static ProblemCode ofStatus(int status) {
    return switch (status) {
      case 401 -> UNAUTHENTICATED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405, 501 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 413 -> PAYLOAD_TOO_LARGE;
      case 414 -> URI_TOO_LONG;
      case 429 -> RATE_LIMITED;
      case 431 -> HEADERS_TOO_LARGE;
      case 503 -> OVERLOADED;
      default -> status < 500 ? BAD_REQUEST : INTERNAL_ERROR;
    };
  }
}
