package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskReply.Known;
import org.jspecify.annotations.Nullable;

/**
 * The id of the last event that a client saw (HTML standard, section 9.2.4): the tag of a body,
 * what marks the end of a settled task, or {@link #NOT_FOUND}.
 *
 * @param tag without quotes; empty if the client saw none
 */
record LastEventId(String tag) {
  static final LastEventId NONE = new LastEventId("");

  /** The id and the data of the event that ends the stream of an unknown task. */
  static final String NOT_FOUND = "not-found";

  private static final String SETTLED = "-settled";

  /** Some clients send back {@code ETag} as it came. */
  static LastEventId of(@Nullable String field) {
    if (field == null) {
      return NONE;
    }
    String tag = field.strip();
    tag = tag.startsWith("W/") ? tag.substring(2) : tag;
    return new LastEventId(tag.replace("\"", ""));
  }

  /** A settled task's status was sent before it ended, so its end has an id of its own. */
  static String ofEnd(Known known) {
    return known.isTerminal() ? known.body().tag() : known.body().tag() + SETTLED;
  }

  /** Whether the client received {@code not-found}. */
  boolean isNotFound() {
    return tag.equals(NOT_FOUND);
  }

  /** The news that the client has; null for none. */
  @Nullable String news() {
    return Body.newsOf(tag);
  }

  /** Whether the client has received the end of the task. */
  boolean isEndOf(Answer answer) {
    return answer.entry().isEnded()
        && answer.entry().reply() instanceof Known known
        && known.body().news().equals(news())
        && (known.isTerminal() || tag.startsWith(SETTLED, Body.TAG_LENGTH));
  }
}
