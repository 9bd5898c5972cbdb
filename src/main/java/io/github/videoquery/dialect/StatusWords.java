package io.github.videoquery.dialect;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The words for a task's state, those of an operator among them. A word is compared trimmed,
 * without case, with blanks and dashes as underscores, and without a prefix such as {@code
 * TASK_STATUS_}. An unknown word means unfinished.
 *
 * @param finished the task has ended well; its video has a link, or will get one
 * @param failed the task has ended without a video
 * @param unfinished the task goes on; wins over the other two
 */
record StatusWords(Set<String> finished, Set<String> failed, Set<String> unfinished) {
  private static final Pattern PREFIX =
      Pattern.compile("^(task|job)_(status|state)_|^(status|state)_");

  /** The provider's page, and what was seen on hosts of the same family. */
  static final StatusWords STANDARD =
      new StatusWords(
          Set.of(
              "completed",
              "complete",
              "success",
              "succeeded",
              "succeed",
              "successful",
              "ready",
              "done",
              "finished",
              "finish"),
          Set.of(
              "failed",
              "failure",
              "fail",
              "error",
              "errored",
              "cancelled",
              "canceled",
              "cancel",
              "expired",
              "timeout",
              "timed_out",
              "timedout",
              "rejected",
              "aborted",
              "killed"),
          Set.of(
              "pending",
              "image_downloading",
              "video_generating",
              "video_generation_completed",
              "video_generation_failed",
              "video_upsampling",
              "video_upsampling_completed",
              "video_upsampling_failed",
              "prompt_enhancement_checking",
              "prompt_enhancing",
              "image_cropping",
              "image_uploading",
              "image_processing_completed",
              "processing",
              "process",
              "queued",
              "queueing",
              "queuing",
              "in_queue",
              "in_progress",
              "inprogress",
              "not_start",
              "not_started",
              "submitted",
              "submitting",
              "created",
              "accepted",
              "unknown",
              "running",
              "preparing",
              "starting",
              "started",
              "throttled",
              "waiting",
              "generating",
              "wait",
              "dispatched",
              "scheduled",
              "initializing",
              "active",
              "received",
              "retrying"));

  /** Words of failure that a refusal uses, too: a state only beside a field of a task. */
  private static final Set<String> AMBIGUOUS =
      Set.of("error", "errored", "expired", "timeout", "rejected");

  enum Meaning {
    FINISHED,
    FAILED,
    UNFINISHED,
    UNKNOWN
  }

  StatusWords with(
      Collection<String> moreFinished,
      Collection<String> moreFailed,
      Collection<String> moreUnfinished) {
    return new StatusWords(
        union(finished, moreFinished),
        union(failed, moreFailed),
        union(unfinished, moreUnfinished));
  }

  private static Set<String> union(Set<String> words, Collection<String> more) {
    Set<String> all = new HashSet<>(words);
    more.stream().map(StatusWords::word).forEach(all::add);
    return Set.copyOf(all);
  }

  Meaning of(String status) {
    String word = word(status);
    if (unfinished.contains(word)) {
      return Meaning.UNFINISHED;
    }
    if (finished.contains(word)) {
      return Meaning.FINISHED;
    }
    return failed.contains(word) ? Meaning.FAILED : Meaning.UNKNOWN;
  }

  boolean isAmbiguous(String status) {
    return AMBIGUOUS.contains(word(status));
  }

  /** The word as it is compared. */
  static String word(String status) {
    String word = status.strip().toLowerCase(Locale.ROOT).replace(' ', '_').replace('-', '_');
    return word.contains("stat") ? PREFIX.matcher(word).replaceFirst("") : word;
  }
}
