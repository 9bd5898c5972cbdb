package io.github.videoquery.dialect;

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
import io.github.videoquery.task.TaskReply.Unfinished;
import java.util.List;
import java.util.Objects;
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
  private final StateFinder states;
  private final Refusals refusals;

  public ReplyClassifier(Dialect dialect) {
    this.dialect = dialect;
    this.states = new StateFinder(dialect.words());
    this.refusals = new Refusals(dialect.codes());
  }

  /**
   * @param asked the task that the response must be about; null to skip this check
   */
  public Classified classify(ProviderResponse response, @Nullable TaskId asked) {
    Answer answer = AnswerReader.read(response.body(), response.charset(), dialect.places());
    if (answer == null) {
      return Classified.of(Refusals.withoutAnObject(response));
    }
    AnswerFields fields = answer.fields();
    if (asked != null && ForeignTask.isNamed(asked, fields)) {
      return Classified.of(Refusals.refused(Refusal.ANOTHER_TASK, response));
    }
    if (response.status() / 100 != 2) {
      return Classified.of(refusals.of(response, fields));
    }
    AnswerFields decider = states.decider(fields);
    if (decider == null) {
      return withoutAState(response, answer);
    }
    TaskReply reply = task(response, fields, decider);
    addDrifts(answer, decider, reply);
    return new Classified(reply, answer.drifts(), answer.secondsByTime());
  }

  private Classified withoutAState(ProviderResponse response, Answer answer) {
    AnswerFields fields = answer.fields();
    TaskReply said = refusals.inASuccess(response, fields);
    if (said != null) {
      return Classified.of(said);
    }
    if (hasEmptyInner(fields)) {
      return Classified.of(new NotFound());
    }
    if (isAboutATask(fields)) {
      answer.drifts().add(new SchemaDrift(Kind.MISSING_FIELD, "status"));
      TaskReply reply = new Unfinished(body(response, News.of(fields, fields, false)), "");
      return new Classified(reply, answer.drifts(), answer.secondsByTime());
    }
    return Classified.of(Refusals.refused(Refusal.ERROR, response));
  }

  private static boolean isAboutATask(AnswerFields fields) {
    return fields.isAboutATask() || fields.inner.stream().anyMatch(ReplyClassifier::isAboutATask);
  }

  private static boolean hasEmptyInner(AnswerFields fields) {
    return fields.hasEmptyInner || fields.inner.stream().anyMatch(ReplyClassifier::hasEmptyInner);
  }

  private TaskReply task(ProviderResponse response, AnswerFields fields, AnswerFields decider) {
    String state = decider.state != null ? decider.state : "";
    String status = abbreviated(state);
    Meaning meaning = dialect.words().of(state);
    AnswerFields detail = Objects.requireNonNullElse(decider.detail, AnswerFields.NONE);
    boolean isRunning = detail.running || decider.running;
    boolean hasFailed = meaning == Meaning.FAILED && !isRunning; // the word alone does not decide
    boolean isFinished = meaning == Meaning.FINISHED && !fields.links.isEmpty();
    String news = News.of(fields, decider, isFinished) + (hasFailed ? "\nfailed" : "");
    Body body = body(response, news);
    if (isFinished) {
      return new Finished(
          body,
          status,
          AnswerFields.firstPresent(detail.createdAt, decider.createdAt, fields.createdAt),
          AnswerFields.firstPresent(
              detail.completedAt,
              decider.completedAt,
              fields.completedAt,
              decider.statusUpdatedAt,
              detail.statusUpdatedAt),
          AnswerFields.linkExpiry(fields, decider));
    }
    if (hasFailed) {
      return new Failed(body, status);
    }
    return new Unfinished(
        body,
        status,
        meaning == Meaning.FINISHED && !isRunning,
        AnswerFields.firstPresent(detail.completedAt, decider.completedAt, fields.completedAt));
  }

  private void addDrifts(Answer answer, AnswerFields decider, TaskReply reply) {
    List<SchemaDrift> drifts = answer.drifts();
    if (decider.state == null) {
      drifts.add(new SchemaDrift(Kind.MISSING_FIELD, "status"));
    } else if (dialect.words().of(decider.state) == Meaning.UNKNOWN) {
      drifts.add(
          new SchemaDrift(
              Kind.UNKNOWN_STATUS, "status", FieldReader.printable(decider.state.strip())));
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

  private static Body body(ProviderResponse response, String news) {
    return new Body(response.body(), response.charset(), news);
  }

  private static String abbreviated(String status) {
    return (status.length() <= MAX_STATUS_LENGTH ? status : status.substring(0, MAX_STATUS_LENGTH))
        .intern(); // few words, many tasks
  }
}
