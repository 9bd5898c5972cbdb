package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskId;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Tells whether an answer is about another task than the one asked about: none of its ids is the
 * asked one, and one of them is written in the same way. Hosts may give a task an id of their own
 * kind, so an id that only looks different proves nothing.
 */
final class ForeignTask {
  private static final Pattern UUID =
      Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");

  private ForeignTask() {}

  static boolean isNamed(TaskId asked, AnswerFields fields) {
    String own = asked.value();
    AnswerFields inner = Objects.requireNonNullElse(fields.data, AnswerFields.NONE);
    boolean isAnyAlike = false;
    for (String id : Arrays.asList(fields.id, fields.taskId, inner.id, inner.taskId)) {
      if (own.equals(id)) {
        return false;
      }
      isAnyAlike = isAnyAlike || (id != null && isWrittenAlike(own, id));
    }
    return isAnyAlike;
  }

  private static boolean isWrittenAlike(String own, String id) {
    String prefix = prefix(own);
    return (!prefix.isEmpty() && prefix.equals(prefix(id)))
        || (UUID.matcher(own).matches() && UUID.matcher(id).matches());
  }

  /** The text before the first {@code :}, {@code _} or {@code -}; empty where there is none. */
  private static String prefix(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (":_-".indexOf(id.charAt(i)) >= 0) {
        return id.substring(0, i);
      }
    }
    return "";
  }
}
