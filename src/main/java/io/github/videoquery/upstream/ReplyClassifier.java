package io.github.videoquery.upstream;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskStatuses;
import io.github.videoquery.upstream.Drift.Kind;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one place that says what a provider's answer means.
 *
 * <p>Only the top-level status decides, never an error text: finished tasks carry leftover errors,
 * and a failed stage may be tried again. A status nobody knows is unfinished.
 */
final class ReplyClassifier {
  private static final Set<String> FINISHED = Set.of("completed", "success", "succeeded", "ready");
  private static final Set<String> FAILED =
      Set.of("failed", "failure", "error", "cancelled", "canceled", "expired");
  private static final Set<String> OUT_OF_QUOTA =
      Set.of("insufficient_quota", "insufficient_user_quota", "quota_not_enough");
  private static final Set<String> NO_SUCH_TASK = Set.of("task_not_exist");
  private static final int MAX_STATUS_LENGTH = 64;
  private static final Set<String> WRAPPED_SUCCESS = Set.of("success", "0", "200");

  private ReplyClassifier() {}

  /**
   * @param asked the task that the answer has to be about; null if that is not to be looked at
   * @param onTask sees what was read, where it is about a task, and how it differs from the usual
   */
  static TaskReply classify(
      int status,
      byte[] body,
      @Nullable Duration retryAfter,
      @Nullable TaskId asked,
      Consumer<AnswerFields> onTask) {
    AnswerFields fields = AnswerFields.read(body);
    if (asked != null && fields != null && ForeignTask.isNamed(asked, fields)) {
      return new Refused(Refusal.ANOTHER_TASK, status, null);
    }
    if (status / 100 != 2) {
      return refusal(status, fields, retryAfter);
    }
    if (fields == null) {
      return new Refused(Refusal.INVALID_RESPONSE, status, null);
    }
    AnswerFields task = fields.status == null && fields.data != null ? fields.data : fields;
    if (task.status == null && (fields.hasError || task.hasError)) {
      return refusal(status, fields, retryAfter);
    }
    if (task.status == null && says(fields, NO_SUCH_TASK)) {
      return new NotFound();
    }
    if (task.status == null && fields.dataIsNull) {
      return isOneOf(WRAPPED_SUCCESS, fields.code)
          ? new NotFound()
          : refusal(status, fields, retryAfter);
    }
    TaskReply reply = known(task, body);
    addDrift(fields, task, reply);
    onTask.accept(fields);
    return reply;
  }

  private static void addDrift(AnswerFields fields, AnswerFields task, TaskReply reply) {
    if (task.status == null) {
      fields.drifts().add(new Drift(Kind.MISSING_FIELD, "status"));
    } else if (!TaskStatuses.isKnown(task.status)) {
      fields.drifts().add(new Drift(Kind.UNKNOWN_STATUS, "status"));
    } else if (FINISHED.contains(word(task.status)) && !(reply instanceof Finished)) {
      fields.drifts().add(new Drift(Kind.MISSING_FIELD, "video_url"));
    }
    if (reply instanceof Finished finished && finished.completedAt() == null) {
      fields.drifts().add(new Drift(Kind.MISSING_FIELD, "completed_at"));
    }
  }

  private static TaskReply known(AnswerFields task, byte[] body) {
    String status = abbreviated(Objects.requireNonNullElse(task.status, ""));
    AnswerFields detail = Objects.requireNonNullElse(task.detail, AnswerFields.NONE);
    String link = firstPresent(task.videoUrl, detail.upsampleVideoUrl, detail.videoUrl);
    if (FINISHED.contains(word(status)) && link != null) {
      return new Finished(
          new Body(body),
          status,
          firstPresent(detail.createdAt, task.createdAt),
          firstPresent(
              detail.completedAt, task.completedAt, task.statusUpdatedAt, detail.statusUpdatedAt),
          LinkExpiry.of(link).orElse(null));
    }
    return FAILED.contains(word(status)) && !detail.running
        ? new Failed(new Body(body), status)
        : new Unfinished(new Body(body), status);
  }

  private static TaskReply refusal(
      int status, @Nullable AnswerFields fields, @Nullable Duration retryAfter) {
    if (says(fields, OUT_OF_QUOTA)) {
      return new Refused(Refusal.QUOTA, status, retryAfter);
    }
    if (status == 404 || says(fields, NO_SUCH_TASK)) {
      return new NotFound();
    }
    Refusal refusal =
        switch (status) {
          case 401 -> Refusal.CREDENTIALS;
          case 403 -> fields == null ? Refusal.INVALID_RESPONSE : Refusal.CREDENTIALS;
          case 429 -> Refusal.RATE_LIMITED;
          case 503 -> Refusal.OVERLOADED;
          default -> Refusal.ERROR;
        };
    return new Refused(refusal, status, retryAfter);
  }

  /**
   * Whether the answer's code or type, its own or its error's, is one of the words. Messages are
   * not to be believed.
   */
  private static boolean says(@Nullable AnswerFields fields, Set<String> words) {
    return fields != null
        && (isOneOf(words, fields.code)
            || isOneOf(words, fields.type)
            || says(fields.error, words));
  }

  private static boolean isOneOf(Set<String> words, @Nullable String value) {
    return value != null && words.contains(word(value));
  }

  private static String abbreviated(String status) {
    return (status.length() <= MAX_STATUS_LENGTH ? status : status.substring(0, MAX_STATUS_LENGTH))
        .intern(); // few words, many tasks
  }

  private static String word(String value) {
    return value.toLowerCase(Locale.ROOT);
  }

  @SafeVarargs
  private static <T> @Nullable T firstPresent(@Nullable T... candidates) {
    for (T candidate : candidates) {
      if (candidate != null && !candidate.equals("")) {
        return candidate;
      }
    }
    return null;
  }
}
