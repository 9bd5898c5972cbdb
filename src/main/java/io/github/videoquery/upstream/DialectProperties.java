package io.github.videoquery.upstream;

import io.github.videoquery.dialect.Dialect;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Additional status words, link fields and error codes of a host. Words are compared without case.
 *
 * @param finishedStatuses more words for a finished task
 * @param failedStatuses more words for a failed task
 * @param unfinishedStatuses words for a task that goes on; they win over all others, as some hosts
 *     use {@code done} for a stage
 * @param linkFields more places of the video's link: paths with dots, {@code []} for the elements
 *     of a list: {@code output.clips[].url}
 * @param notFoundCodes more codes for "no such task"
 */
record DialectProperties(
    @DefaultValue List<String> finishedStatuses,
    @DefaultValue List<String> failedStatuses,
    @DefaultValue List<String> unfinishedStatuses,
    @DefaultValue List<String> linkFields,
    @DefaultValue List<String> notFoundCodes) {
  static final DialectProperties NONE =
      new DialectProperties(List.of(), List.of(), List.of(), List.of(), List.of());

  /** These, and those of an account. */
  DialectProperties and(DialectProperties more) {
    return new DialectProperties(
        both(finishedStatuses, more.finishedStatuses),
        both(failedStatuses, more.failedStatuses),
        both(unfinishedStatuses, more.unfinishedStatuses),
        both(linkFields, more.linkFields),
        both(notFoundCodes, more.notFoundCodes));
  }

  private static List<String> both(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).distinct().toList();
  }

  /**
   * @param prefix of its properties, for the sentence that says what is wrong
   */
  Dialect dialect(String prefix) {
    linkFields.stream()
        .filter(path -> !Dialect.isPath(path))
        .findFirst()
        .ifPresent(
            path -> {
              throw new InvalidConfigurationPropertyValueException(
                  prefix + "dialect.link-fields",
                  path,
                  "Give paths like output.clips[].url: names joined by dots, [] for a list.");
            });
    return this.equals(NONE)
        ? Dialect.STANDARD
        : Dialect.with(
            finishedStatuses, failedStatuses, unfinishedStatuses, linkFields, notFoundCodes);
  }
}
