package io.github.videoquery.dialect;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The meaning of responses without a task state. */
final class Refusals {
  private final ErrorCodes codes;

  Refusals(ErrorCodes codes) {
    this.codes = codes;
  }

  /** HTML, something cut, nothing: no JSON object. */
  static TaskReply withoutAnObject(ProviderResponse response) {
    return switch (response.status()) {
      case 401 -> refused(Refusal.CREDENTIALS, response);
      case 402 -> refused(Refusal.QUOTA, response);
      case 410 -> new NotFound();
      case 403, 404 -> refused(Refusal.INVALID_RESPONSE, response);
      default ->
          response.status() / 100 == 2
              ? refused(Refusal.INVALID_RESPONSE, response)
              : byStatus(response.status(), response);
    };
  }

  /** The refusal in the body of a 2xx response without a state; null if there is none. */
  @Nullable TaskReply inASuccess(ProviderResponse response, AnswerFields fields) {
    if (says(fields, codes::saysNoSuchTask) || codeIs(fields, "404")) {
      return new NotFound();
    }
    if (says(fields, ErrorCodes::saysQuota) || codeIs(fields, "402")) {
      return refused(Refusal.QUOTA, response);
    }
    if (says(fields, ErrorCodes::saysCredentials) || codeIs(fields, "401")) {
      return refused(Refusal.CREDENTIALS, response);
    }
    if (codeIs(fields, "429")) {
      return refused(Refusal.RATE_LIMITED, response);
    }
    if (codeIs(fields, "503")) {
      return refused(Refusal.OVERLOADED, response);
    }
    return isRefusal(fields) ? refused(Refusal.ERROR, response) : null;
  }

  private static boolean isRefusal(AnswerFields fields) {
    boolean isCodeOfFailure =
        fields.code != null && !fields.isAboutATask() && !ErrorCodes.isSuccess(fields.code);
    boolean isBaseRespOfFailure =
        fields.baseResp != null
            && fields.baseResp.code != null
            && !ErrorCodes.isSuccess(fields.baseResp.code);
    return fields.hasError
        || Boolean.FALSE.equals(fields.success)
        || isCodeOfFailure
        || isBaseRespOfFailure
        || fields.inner.stream().anyMatch(inner -> inner.hasError);
  }

  private interface Code {
    boolean matches(@Nullable String code);
  }

  /** Whether a code or type says so: of the answer, its error, its envelope, or in its state. */
  private static boolean says(AnswerFields fields, Code code) {
    return code.matches(fields.code)
        || code.matches(fields.type)
        || code.matches(fields.state)
        || (fields.error != null && says(fields.error, code))
        || (fields.baseResp != null && says(fields.baseResp, code))
        || fields.inner.stream().anyMatch(inner -> inner.state == null && says(inner, code));
  }

  private static boolean codeIs(AnswerFields fields, String status) {
    return says(fields, status::equals) || status.equals(fields.numericState);
  }

  /** The refusal of a response whose HTTP status is none of success. */
  TaskReply of(ProviderResponse response, AnswerFields fields) {
    int status = response.status();
    if (status == 410 || says(fields, codes::saysNoSuchTask)) {
      return new NotFound();
    }
    if (status == 402 || says(fields, ErrorCodes::saysQuota)) {
      return refused(Refusal.QUOTA, response);
    }
    return switch (status) {
      case 404 ->
          says(fields, ErrorCodes::speaksOfATask) || speaksOfATask(fields)
              ? new NotFound()
              : refused(Refusal.INVALID_RESPONSE, response);
      case 403 -> refused(isAboutOurKey(fields) ? Refusal.CREDENTIALS : Refusal.ERROR, response);
      default -> byStatus(status, response);
    };
  }

  private static boolean speaksOfATask(AnswerFields fields) {
    return Stream.of(fields, fields.error, fields.detail)
        .anyMatch(part -> part != null && ErrorCodes.speaksOfATask(part.message));
  }

  private boolean isAboutOurKey(AnswerFields fields) {
    AnswerFields error = Objects.requireNonNullElse(fields.error, fields);
    return ErrorCodes.isPlain(error.type, error.code)
        || Stream.of(fields.code, fields.type, error.code, error.type)
            .anyMatch(code -> ErrorCodes.saysKeyOrAccount(code) && !ErrorCodes.speaksOfATask(code));
  }

  private static TaskReply byStatus(int status, ProviderResponse response) {
    return refused(
        switch (status) {
          case 401 -> Refusal.CREDENTIALS;
          case 429 -> Refusal.RATE_LIMITED;
          case 503 -> Refusal.OVERLOADED;
          case 301, 302, 303, 307, 308 -> Refusal.REDIRECT;
          default -> Refusal.ERROR;
        },
        response);
  }

  static TaskReply refused(Refusal refusal, ProviderResponse response) {
    return new Refused(refusal, response.status(), response.retryAfter());
  }
}
