package io.github.videoquery.dialect;

import io.github.videoquery.dialect.AnswerFields.Link;
import io.github.videoquery.dialect.AnswerReader.Answer;
import io.github.videoquery.dialect.SchemaDrift.Kind;
import io.github.videoquery.dialect.StatusWords.Meaning;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one place that says what a provider's response means.
 *
 * <p>Only the state of the task decides, never an error text: finished tasks carry leftover errors,
 * and a failed stage may be tried again. In an envelope, the state of the inner object decides. A
 * response without a state is a refusal, whatever its HTTP status says, unless it has a field that
 * only a task has.
 */
public final class ReplyClassifier {
  private static final int MAX_STATUS_LENGTH = 64;

  private final Dialect dialect;

  public ReplyClassifier(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * @param asked the task that the response has to be about; null if that is not to be looked at
   */
  public Classified classify(ProviderResponse response, @Nullable TaskId asked) {
    Answer answer = AnswerReader.read(response.body(), response.charset(), dialect.places());
    if (answer == null) {
      return Classified.of(withoutAnObject(response));
    }
    AnswerFields fields = answer.fields();
    if (asked != null && ForeignTask.isNamed(asked, fields)) {
      return Classified.of(refused(Refusal.ANOTHER_TASK, response));
    }
    if (response.status() / 100 != 2) {
      return Classified.of(refusal(response, fields));
    }
    AnswerFields decider = decider(fields);
    if (decider == null) {
      return withoutAState(response, answer);
    }
    TaskReply reply = task(response, fields, decider);
    addDrifts(answer, decider, reply);
    return new Classified(reply, answer.drifts(), answer.secondsByTime());
  }

  /** HTML, something cut, nothing: no JSON object. */
  private static TaskReply withoutAnObject(ProviderResponse response) {
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

  /**
   * The object whose state counts: the innermost with a word that is known, else the outermost with
   * any.
   */
  private @Nullable AnswerFields decider(AnswerFields fields) {
    for (AnswerFields inner : fields.inner) {
      AnswerFields decider = decider(inner);
      if (decider != null && isKnown(decider)) {
        return decider;
      }
    }
    if (hasState(fields)) {
      boolean isEnvelopesOwn = fields.inner.stream().anyMatch(inner -> decider(inner) != null);
      if (!isEnvelopesOwn || (isKnown(fields) && !ErrorCodes.isSuccess(state(fields)))) {
        return fields;
      }
    }
    return fields.inner.stream()
        .map(this::decider)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private boolean isKnown(AnswerFields fields) {
    return fields.state != null && dialect.words().of(fields.state) != Meaning.UNKNOWN;
  }

  private static String state(AnswerFields fields) {
    return Objects.requireNonNullElse(fields.state, "");
  }

  /** Whether it says a task's state, and not how the request went. */
  private boolean hasState(AnswerFields fields) {
    String state = fields.state;
    if (state == null) {
      return fields.numericState != null && fields.isAboutATask();
    }
    Meaning meaning = dialect.words().of(state);
    if (meaning == Meaning.UNKNOWN && isRefusalsWord(state)) {
      return false;
    }
    if (meaning == Meaning.FAILED && !dialect.words().isAmbiguous(state)) {
      return true;
    }
    boolean needsATask = meaning == Meaning.FAILED || isSuccessOfARequest(fields, state);
    return !needsATask || fields.isAboutATask();
  }

  /** {@code {"status":"success","data":null}} says how the request went. */
  private static boolean isSuccessOfARequest(AnswerFields fields, String state) {
    return ErrorCodes.isSuccess(state) && (fields.hasEmptyInner || !fields.inner.isEmpty());
  }

  private static boolean isRefusalsWord(String state) {
    return ErrorCodes.saysQuota(state) || ErrorCodes.saysCredentials(state);
  }

  private Classified withoutAState(ProviderResponse response, Answer answer) {
    AnswerFields fields = answer.fields();
    TaskReply said = said(response, fields);
    if (said != null) {
      return Classified.of(said);
    }
    if (hasEmptyInner(fields)) {
      return Classified.of(new NotFound());
    }
    if (isAboutATask(fields)) {
      answer.drifts().add(new SchemaDrift(Kind.MISSING_FIELD, "status"));
      TaskReply reply = new Unfinished(body(response), "");
      return new Classified(reply, answer.drifts(), answer.secondsByTime());
    }
    return Classified.of(refused(Refusal.ERROR, response));
  }

  private static boolean isAboutATask(AnswerFields fields) {
    return fields.isAboutATask() || fields.inner.stream().anyMatch(ReplyClassifier::isAboutATask);
  }

  private static boolean hasEmptyInner(AnswerFields fields) {
    return fields.hasEmptyInner || fields.inner.stream().anyMatch(ReplyClassifier::hasEmptyInner);
  }

  /** The refusal that a success without a state spells out; null for none. */
  private @Nullable TaskReply said(ProviderResponse response, AnswerFields fields) {
    if (says(fields, dialect.codes()::saysNoSuchTask) || codeIs(fields, "404")) {
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

  private TaskReply task(ProviderResponse response, AnswerFields fields, AnswerFields decider) {
    String state = decider.state != null ? decider.state : "";
    String status = abbreviated(state);
    Meaning meaning = dialect.words().of(state);
    AnswerFields detail = Objects.requireNonNullElse(decider.detail, AnswerFields.NONE);
    if (meaning == Meaning.FINISHED && !fields.links.isEmpty()) {
      return new Finished(
          body(response),
          status,
          firstPresent(detail.createdAt, decider.createdAt, fields.createdAt),
          firstPresent(
              detail.completedAt,
              decider.completedAt,
              fields.completedAt,
              decider.statusUpdatedAt,
              detail.statusUpdatedAt),
          expiry(fields, decider));
    }
    return meaning == Meaning.FAILED && !detail.running && !decider.running
        ? new Failed(body(response), status)
        : new Unfinished(body(response), status);
  }

  /** The earliest that one of the video's links, or the answer itself, states. */
  private static @Nullable Instant expiry(AnswerFields fields, AnswerFields decider) {
    Stream<Instant> ofLinks =
        fields.links.stream().map(Link::url).flatMap(url -> LinkExpiry.of(url).stream());
    Stream<Instant> stated =
        Stream.of(fields, decider).map(object -> object.expiresAt).flatMap(Stream::ofNullable);
    return Stream.concat(ofLinks, stated).min(Comparator.naturalOrder()).orElse(null);
  }

  private void addDrifts(Answer answer, AnswerFields decider, TaskReply reply) {
    List<SchemaDrift> drifts = answer.drifts();
    if (decider.state == null) {
      drifts.add(new SchemaDrift(Kind.MISSING_FIELD, "status"));
    } else if (dialect.words().of(decider.state) == Meaning.UNKNOWN) {
      drifts.add(
          new SchemaDrift(
              Kind.UNKNOWN_STATUS, "status", AnswerReader.printable(decider.state.strip())));
    } else if (dialect.words().of(decider.state) == Meaning.FINISHED
        && reply instanceof Unfinished unfinished) {
      drifts.add(
          new SchemaDrift(
              Kind.MISSING_FIELD, "video_url", UrlPlaces.in(unfinished.body().bytes())));
    }
    if (reply instanceof Finished finished && finished.completedAt() == null) {
      drifts.add(new SchemaDrift(Kind.MISSING_FIELD, "completed_at"));
    }
  }

  private TaskReply refusal(ProviderResponse response, AnswerFields fields) {
    int status = response.status();
    if (status == 410 || says(fields, dialect.codes()::saysNoSuchTask)) {
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
    return ErrorCodes.speaksOfATask(fields.message)
        || (fields.error != null && ErrorCodes.speaksOfATask(fields.error.message));
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

  private static TaskReply refused(Refusal refusal, ProviderResponse response) {
    return new Refused(refusal, response.status(), response.retryAfter());
  }

  private static Body body(ProviderResponse response) {
    return new Body(response.body(), response.charset());
  }

  private static String abbreviated(String status) {
    return (status.length() <= MAX_STATUS_LENGTH ? status : status.substring(0, MAX_STATUS_LENGTH))
        .intern(); // few words, many tasks
  }

  @SafeVarargs
  private static <T> @Nullable T firstPresent(@Nullable T... candidates) {
    for (T candidate : candidates) {
      if (candidate != null) {
        return candidate;
      }
    }
    return null;
  }
}
