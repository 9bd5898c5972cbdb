package io.github.videoquery.problem;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kinds of problem, each with the HTTP status it is always answered with and the sentence that
 * says what to do about it.
 */
public enum ProblemCode {
  INVALID_TASK_ID(
      400,
      "The task id is not valid",
      "Send the id exactly once: 1 to 256 visible ASCII characters, percent-encoded where the query"
          + " string needs it."),
  INVALID_WAIT(
      400,
      "The time to wait is not valid",
      "Send wait as whole seconds, for example wait=25, or leave it out."),
  BAD_REQUEST(
      400,
      "The request is not valid",
      "The request does not follow HTTP, or a parameter cannot be read."),
  UNAUTHENTICATED(
      401,
      "A valid credential is needed",
      "Send the key this gateway gave you, or a token of its issuer, as 'Authorization: Bearer"
          + " <key>'."),
  FORBIDDEN(
      403,
      "This caller may not ask that",
      "The client's entry at the gateway names the models whose tasks it may see."),
  TASK_NOT_FOUND(
      404,
      "The provider knows no such task",
      "Check the id; a task created a moment ago may take a few seconds to appear."),
  NOT_FOUND(
      404,
      "There is nothing at this path",
      "Ask GET /v1/video/query?id=<task id>; /openapi.yaml describes it."),
  METHOD_NOT_ALLOWED(
      405, "This path does not support the method", "Use one of the methods in the Allow header."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "Tasks are answered as application/json, or watched as text/event-stream: accept one of them,"
          + " or send no Accept."),
  PAYLOAD_TOO_LARGE(413, "The request body is too large", "A question needs no body; send none."),
  URI_TOO_LONG(414, "The request target is too long", "Shorten the query string."),
  RATE_LIMITED(429, "Too many requests", "Wait for the time in Retry-After."),
  HEADERS_TOO_LARGE(431, "The request headers are too large", "Send fewer or shorter headers."),
  INTERNAL_ERROR(
      500,
      "The gateway made a mistake",
      "Try again; if it stays, tell the operators the requestId: the log has the mistake under"
          + " it."),
  UPSTREAM_REJECTED_CREDENTIALS(
      502,
      "The provider rejected the gateway's key",
      "The gateway's own key is meant, not yours. The operators replace the key, or its account, at"
          + " the provider."),
  UPSTREAM_QUOTA_EXHAUSTED(
      502,
      "The gateway's account at the provider is out of quota",
      "The operators top up the account, or add another key of it that still has quota."),
  UPSTREAM_INVALID_RESPONSE(
      502,
      "The provider's answer is unusable",
      "It is not one whole JSON object, or larger than the gateway reads. Try again in a moment."),
  UPSTREAM_ERROR(
      502,
      "The provider failed",
      "It answered with an error, could not be reached, or broke off. Try again in a moment."),
  UPSTREAM_RATE_LIMITED(
      503,
      "The provider limits the gateway's rate",
      "Wait for the time in Retry-After; ask less often."),
  UPSTREAM_OVERLOADED(503, "The provider is overloaded", "Wait for the time in Retry-After."),
  OVERLOADED(503, "The gateway is overloaded", "Wait for the time in Retry-After."),
  IDENTITY_PROVIDER_UNAVAILABLE(
      503,
      "The identity provider cannot be reached",
      "The token may be right, but the key that verifies it cannot be had now. Wait for the time in"
          + " Retry-After."),
  UPSTREAM_TIMEOUT(
      504,
      "The provider did not answer in time",
      "The gateway gave up at its own deadline. Try again in a moment.");

  private final int status;
  private final String title;
  private final String remedy;

  ProblemCode(int status, String title, String remedy) {
    this.status = status;
    this.title = title;
    this.remedy = remedy;
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

  /** What to do about it, in one or two sentences. */
  public String remedy() {
    return remedy;
  }

  static Optional<ProblemCode> of(String code) {
    return Stream.of(values()).filter(candidate -> candidate.code().equals(code)).findFirst();
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
      case 505 -> BAD_REQUEST;
      default -> status < 500 ? BAD_REQUEST : INTERNAL_ERROR;
    };
  }
}
