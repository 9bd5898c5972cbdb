package io.github.videoquery.dialect;

import java.util.List;

/**
 * The words and places that one host uses: the common ones, and those an operator adds.
 *
 * @param words for a task's state
 * @param places of the link to its video
 * @param codes of errors
 */
public record Dialect(StatusWords words, LinkPlaces places, ErrorCodes codes) {
  public static final Dialect STANDARD =
      new Dialect(StatusWords.STANDARD, LinkPlaces.STANDARD, ErrorCodes.STANDARD);

  /** The common dialect with additions: see {@code gateway.upstream.dialect}. */
  public static Dialect with(
      List<String> finishedStatuses,
      List<String> failedStatuses,
      List<String> unfinishedStatuses,
      List<String> linkFields,
      List<String> notFoundCodes) {
    return new Dialect(
        StatusWords.STANDARD.with(finishedStatuses, failedStatuses, unfinishedStatuses),
        LinkPlaces.of(linkFields),
        ErrorCodes.STANDARD.with(notFoundCodes));
  }

  /** Whether somebody has seen this word for a task's state. */
  public boolean knows(String status) {
    return words.of(status) != StatusWords.Meaning.UNKNOWN;
  }

  /** Whether a path of {@code link-fields} can be read: {@code output.clips[].url}. */
  public static boolean isPath(String linkField) {
    return LinkPlaces.isPath(linkField);
  }
}
