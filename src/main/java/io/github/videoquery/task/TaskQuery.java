package io.github.videoquery.task;

import org.jspecify.annotations.Nullable;

/**
 * A query about one task: its id and the forwarded parameters.
 *
 * @param id the task
 * @param parameters the forwarded parameters, encoded and in a fixed order ({@code model=veo3}), or
 *     empty; they are part of the cache key because the answer may depend on them
 */
public record TaskQuery(TaskId id, String parameters) {
  /** The path of queries, at the provider and at this gateway. */
  public static final String PATH = "/v1/video/query";

  /** The task's model, where its id or the parameter {@code model} names one; null for neither. */
  public @Nullable String model() {
    return id.model().orElseGet(this::modelParameter);
  }

  private @Nullable String modelParameter() {
    for (String parameter : parameters.split("&", -1)) {
      if (parameter.startsWith("model=")) {
        return parameter.substring("model=".length());
      }
    }
    return null;
  }
}
