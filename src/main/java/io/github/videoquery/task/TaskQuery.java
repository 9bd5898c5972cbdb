package io.github.videoquery.task;

/**
 * One question to the provider: the task's id and the parameters that go along.
 *
 * @param id the task
 * @param parameters the forwarded parameters, encoded and in a fixed order ({@code model=veo3}), or
 *     empty; they belong to the question's identity because the provider may answer differently
 */
public record TaskQuery(TaskId id, String parameters) {
  /** Where the question is asked: at the provider, and here. */
  public static final String PATH = "/v1/video/query";
}
