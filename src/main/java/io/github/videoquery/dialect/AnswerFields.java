package io.github.videoquery.dialect;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The few fields of one object of an answer that matter; {@link AnswerReader} fills them in. */
final class AnswerFields {
  static final AnswerFields NONE = new AnswerFields();

  @Nullable String id;
  @Nullable String taskId;

  /** The task's state as text. */
  @Nullable String state;

  /** The task's state, or a copy of the HTTP status, as a number. */
  @Nullable String numericState;

  @Nullable String code;
  @Nullable String type;
  @Nullable String message;
  @Nullable Boolean success;

  /** How far the task is, as the provider writes it. */
  @Nullable String progress;

  boolean running;

  @Nullable Instant createdAt;
  @Nullable Instant completedAt;
  @Nullable Instant statusUpdatedAt;
  @Nullable Instant expiresAt;

  @Nullable AnswerFields detail;
  boolean hasError;
  @Nullable AnswerFields error;
  @Nullable AnswerFields baseResp;

  /** Inner objects of envelopes, and whether one of those is null or empty. */
  final List<AnswerFields> inner = new ArrayList<>(0);

  boolean hasEmptyInner;

  /** Links of this object and those below, by their place's rank. */
  final List<Link> links;

  /**
   * @param rank of its place: the smallest wins
   */
  record Link(int rank, String url) {}

  AnswerFields() {
    this(new ArrayList<>(1));
  }

  AnswerFields(List<Link> links) {
    this.links = links;
  }

  /** Some hosts split what they say over several fields. */
  void addMessage(@Nullable String text) {
    message = message == null || text == null ? firstPresent(text, message) : message + '\n' + text;
  }

  /** Whether it has a field that only a task has. */
  boolean isAboutATask() {
    return id != null
        || taskId != null
        || progress != null
        || detail != null
        || createdAt != null
        || completedAt != null
        || statusUpdatedAt != null
        || !links.isEmpty();
  }

  /** The earliest that one of the video's links, or the answer itself, states. */
  static @Nullable Instant linkExpiry(AnswerFields fields, AnswerFields decider) {
    Stream<Instant> ofLinks =
        fields.links.stream().map(Link::url).flatMap(url -> LinkExpiry.of(url).stream());
    Stream<Instant> stated =
        Stream.of(fields, decider).map(object -> object.expiresAt).flatMap(Stream::ofNullable);
    return Stream.concat(ofLinks, stated).min(Comparator.naturalOrder()).orElse(null);
  }

  @SafeVarargs
  static <T> @Nullable T firstPresent(@Nullable T... candidates) {
    for (T candidate : candidates) {
      if (candidate != null) {
        return candidate;
      }
    }
    return null;
  }
}
