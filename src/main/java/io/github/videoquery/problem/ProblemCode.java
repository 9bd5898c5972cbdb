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
      "The id has to be sent exactly once, or for an event stream once for each task: 1 to 1024"
          + " visible ASCII characters, percent-encoded where the query string needs it."),
  INVALID_WAIT(
      400,
      "The time to wait is not valid",
      "The parameter wait takes whole seconds, for example wait=25. It can be left out."),
  BAD_REQUEST(
      400,
      "The request is not valid",
      "The request does not follow HTTP, or a parameter cannot be read."),
  UNAUTHENTICATED(
      401,
      "A valid credential is needed",
      "The request shows no valid key or token. Send the key that this gateway's operators gave"
          + " you, or a token of its issuer, as 'Authorization: Bearer <key>' or 'X-Api-Key:"
          + " <key>'."),
  FORBIDDEN(
      403,
      "This caller may not ask that",
      "The client's entry at the gateway names the models whose tasks it may see."),
  TASK_NOT_FOUND(
      404,
      "The provider knows no such task",
      "The provider says that it has no task of this id. Check the id; a task created a moment ago"
          + " may take a few seconds to appear."),
  NOT_FOUND(
      404,
      "There is nothing at this path",
      "This gateway answers GET /v1/video/query?id=<task id>; /openapi.yaml describes it."),
  METHOD_NOT_ALLOWED(
      405,
      "This path does not support the method",
      "The header Allow names the methods that this path supports."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "Tasks are answered as application/json, or watched as text/event-stream: accept one of them,"
          + " or send no Accept."),
  PAYLOAD_TOO_LARGE(
      413,
      "The request body is too large",
      "A query needs no body, and one of more than 1 MB is not read. Send none."),
  URI_TOO_LONG(
      414,
      "The request target is too long",
      "The path and the query string together may have 16 KB. Shorten the query string."),
  RATE_LIMITED(
      429,
      "Too many requests",
      "More requests came than the limit allows. Wait for the time in Retry-After."),
  HEADERS_TOO_LARGE(
      431,
      "The request headers are too large",
      "The header fields together may have 16 KB. Send fewer or shorter ones."),
  INTERNAL_ERROR(
      500,
      "The gateway made a mistake",
      "The gateway failed by a defect of its own. Try again; if it stays, tell the operators the"
          + " requestId: the log has the defect under it."),
  UPSTREAM_REJECTED_CREDENTIALS(
      502,
      "The provider rejected the gateway's key",
      "The provider rejected the key that the gateway holds, not yours. The gateway's operators"
          + " have to replace it."),
  UPSTREAM_QUOTA_EXHAUSTED(
      502,
      "The gateway's account at the provider is out of quota",
      "The gateway's account at the provider has no quota left. The gateway's operators have to top"
          + " it up, or add another key that still has quota."),
  UPSTREAM_INVALID_RESPONSE(
      502,
      "The provider's answer is unusable",
      "The provider's answer is not one whole JSON object about this task, or larger than the"
          + " gateway reads. Try again in a moment."),
  UPSTREAM_ERROR(
      502,
      "The provider failed",
      "The provider answered with an error, could not be reached, or broke off. Try again in a"
          + " moment."),
  UPSTREAM_RATE_LIMITED(
      503,
      "The provider limits the gateway's rate",
      "The provider answers the gateway only so often. Wait for the time in Retry-After, and ask"
          + " less often."),
  UPSTREAM_OVERLOADED(
      503,
      "The provider is overloaded",
      "The provider has no capacity now. Wait for the time in Retry-After."),
  OVERLOADED(
      503,
      "The gateway is overloaded",
      "The gateway has as much to do as it may. Wait for the time in Retry-After."),
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

  /** The kind whose {@link #code} this is. */
  public static Optional<ProblemCode> of(String code) {
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
