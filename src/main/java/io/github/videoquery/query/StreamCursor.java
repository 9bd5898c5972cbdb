package io.github.videoquery.query;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The event id of a stream of several tasks: what was sent about each. It is all that a replica
 * needs to go on with the stream of another one.
 *
 * @param tasks by {@link #key}
 */
record StreamCursor(Map<String, SentState> tasks) {
  static final StreamCursor NONE = new StreamCursor(Map.of());

  private static final String PREFIX = "m.";
  private static final int KEY_LENGTH = 8;

  /** The key, and then that it is over, or: news, the seconds of the expected end, a problem. */
  private static final Pattern TASK =
      Pattern.compile("([\\w-]{8})(?:(o)|(?:n([\\w-]{8}))?(?:e(\\d{1,11}))?(?:p([a-z-]+))?)");

  /** By what a task is known here: 48 bits of a digest of its id, in URL-safe characters. */
  static String key(TaskId id) {
    byte[] digest = Sha256.of(id.value().getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().encodeToString(digest).substring(0, KEY_LENGTH);
  }

  /**
   * Reads an event id, for these tasks only. An id that is no cursor, for example that of a stream
   * of one task, holds nothing.
   */
  static StreamCursor of(LastEventId last, List<TaskQuery> queries) {
    if (!last.tag().startsWith(PREFIX)) {
      return NONE;
    }
    Map<String, SentState> tasks = new HashMap<>();
    for (String task : last.tag().substring(PREFIX.length()).split("\\.", -1)) {
      Matcher parts = TASK.matcher(task);
      if (parts.matches()) {
        tasks.put(parts.group(1), sent(parts));
      }
    }
    tasks.keySet().retainAll(queries.stream().map(query -> key(query.id())).toList());
    return new StreamCursor(tasks);
  }

  private static SentState sent(Matcher parts) {
    String seconds = parts.group(4);
    String problem = parts.group(5);
    return new SentState(
        parts.group(3),
        seconds == null ? null : Instant.ofEpochSecond(Long.parseLong(seconds)),
        problem == null ? null : ProblemCode.of(problem).orElse(null),
        parts.group(2) != null);
  }

  /** What was sent about these tasks so far. */
  static StreamCursor of(Map<String, TaskEventStream> tasks) {
    Map<String, SentState> sent = new LinkedHashMap<>();
    tasks.forEach((key, task) -> sent.put(key, task.sent()));
    return new StreamCursor(sent);
  }

  /** What was sent about a task. */
  SentState sent(TaskId id) {
    return Objects.requireNonNullElse(tasks.get(key(id)), SentState.NOTHING);
  }

  /** Mostly 18 characters a task, or 29 if its end is expected. */
  @Override
  public String toString() {
    var text = new StringBuilder(PREFIX);
    tasks.forEach((key, sent) -> append(text, key, sent));
    return text.toString();
  }

  private static void append(StringBuilder text, String key, SentState sent) {
    if (sent.equals(SentState.NOTHING)) {
      return;
    }
    if (text.length() > PREFIX.length()) {
      text.append('.');
    }
    text.append(key);
    if (sent.isOver()) {
      text.append('o');
      return;
    }
    if (sent.news() != null) {
      text.append('n').append(sent.news());
    }
    if (sent.expected() != null) {
      text.append('e').append(sent.expected().getEpochSecond());
    }
    if (sent.problem() != null) {
      text.append('p').append(sent.problem().code());
    }
  }
}
