package io.github.videoquery.dialect;

import io.github.videoquery.dialect.StatusWords.Meaning;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the object of an answer whose state is the task's. */
final class StateFinder {
  private final StatusWords words;

  StateFinder(StatusWords words) {
    this.words = words;
  }

  /**
   * The object whose state counts: the innermost with a word that is known, else the outermost with
   * any.
   */
  @Nullable AnswerFields decider(AnswerFields fields) {
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
    return fields.state != null && words.of(fields.state) != Meaning.UNKNOWN;
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
    Meaning meaning = words.of(state);
    if (meaning == Meaning.UNKNOWN && isRefusalsWord(state)) {
      return false;
    }
    if (meaning == Meaning.FAILED && !words.isAmbiguous(state)) {
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
}
