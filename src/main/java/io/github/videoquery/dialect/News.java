package io.github.videoquery.dialect;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What in an answer is worth telling who waits for it: the task's state, its stage, its progress
 * and its links. Anything else may differ in each answer: a {@code request_id}, {@code
 * server_time}, {@code status_update_time}.
 */
final class News {
  private News() {}

  /**
   * A text that is the same for two answers of which the second brings no news.
   *
   * @param fields of the whole answer
   * @param decider of the object whose state counts
   * @param isFinished whether the links are to be fetched; the link of a stage can be signed anew
   *     in each answer
   */
  static String of(AnswerFields fields, AnswerFields decider, boolean isFinished) {
    AnswerFields detail = Objects.requireNonNullElse(decider.detail, AnswerFields.NONE);
    return String.join(
        "\n",
        state(decider),
        state(detail),
        progress(fields),
        fields.links.stream()
            .map(link -> isFinished ? link.url() : withoutQuery(link.url()))
            .sorted()
            .collect(Collectors.joining(" ")));
  }

  /** Of the whole answer: some hosts state it beside the object that has the state. */
  private static String progress(AnswerFields fields) {
    Stream<AnswerFields> below =
        Stream.concat(Stream.ofNullable(fields.detail), fields.inner.stream());
    return Stream.concat(Stream.of(text(fields.progress)), below.map(News::progress))
        .collect(Collectors.joining(" "));
  }

  private static String withoutQuery(String url) {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }

  private static String state(AnswerFields fields) {
    return text(AnswerFields.firstPresent(fields.state, fields.numericState));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
