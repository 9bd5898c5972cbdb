package io.github.videoquery.dialect;

import io.github.videoquery.task.TaskReply;
import java.util.List;
import java.util.Map;

/**
 * A reply, and how the answer differs from what is known.
 *
 * @param secondsByTime whether times are in seconds rather than milliseconds, by the field's name
 */
public record Classified(
    TaskReply reply, List<SchemaDrift> drifts, Map<String, Boolean> secondsByTime) {
  static Classified of(TaskReply reply) {
    return new Classified(reply, List.of(), Map.of());
  }
}
