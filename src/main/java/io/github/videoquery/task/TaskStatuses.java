package io.github.videoquery.task;

import java.util.Locale;
import java.util.Set;

/** The words for a task's state that were seen in the provider's answers and documents. */
public final class TaskStatuses {
  private static final Set<String> KNOWN =
      Set.of(
          "pending",
          "image_downloading",
          "video_generating",
          "video_generation_completed",
          "video_generation_failed",
          "video_upsampling",
          "video_upsampling_completed",
          "video_upsampling_failed",
          "completed",
          "failed",
          "error",
          "prompt_enhancement_checking",
          "prompt_enhancing",
          "image_cropping",
          "image_uploading",
          "image_processing_completed",
          "processing",
          "queued",
          "in_progress",
          "not_start",
          "submitted",
          "success",
          "succeeded",
          "failure",
          "ready",
          "cancelled",
          "expired",
          "unknown");

  private TaskStatuses() {}

  public static boolean isKnown(String status) {
    return KNOWN.contains(status.toLowerCase(Locale.ROOT));
  }
}
