package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import java.time.Duration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** What a caller asks about a task, and how it wants to be told. */
record Question(TaskQuery query, Delivery delivery) {
  private static final String ATTRIBUTE = Question.class.getName();

  sealed interface Delivery {}

  /** At once. */
  record Ask() implements Delivery {}

  /**
   * As soon as there is news, or else after a while.
   *
   * @param preferred whether by the header field {@code Prefer}
   */
  record Wait(Duration patience, boolean preferred) implements Delivery {}

  /**
   * By a stream of events.
   *
   * @param lastEventId the last event the caller saw
   */
  record Watch(@Nullable String lastEventId) implements Delivery {}

  void passOn(Request request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /**
   * The question of a request that could not be answered from memory.
   *
   * @throws ProblemException if none was asked: nobody has been admitted
   */
  static Question of(Request request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Question question) {
      return question;
    }
    throw new ProblemException(ProblemCode.UNAUTHENTICATED);
  }
}
