package io.github.videoquery.dialect;

import io.github.videoquery.task.TaskId;
import java.util.ArrayList;
import java.util.List;
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
    if (own.equals(fields.id) || own.equals(fields.taskId)) {
      return false; // the usual answer
    }
    List<String> ids = new ArrayList<>();
    collect(fields, ids);
    return !ids.contains(own) && ids.stream().anyMatch(id -> isWrittenAlike(own, id));
  }

  private static void collect(AnswerFields fields, List<String> ids) {
    if (fields.id != null) {
      ids.add(fields.id);
    }
    if (fields.taskId != null) {
      ids.add(fields.taskId);
    }
    fields.inner.forEach(inner -> collect(inner, ids));
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
