package io.github.videoquery.task;

import org.jspecify.annotations.Nullable;

/**
 * The question to the provider: the task's id and the parameters that go along.
 *
 * @param id the task
 * @param parameters the forwarded parameters, encoded and in a fixed order ({@code model=veo3}), or
 *     empty; they belong to the question's identity because the provider may answer differently
 */
public record TaskQuery(TaskId id, String parameters) {
  /** Where the question is asked: at the provider, and here. */
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
