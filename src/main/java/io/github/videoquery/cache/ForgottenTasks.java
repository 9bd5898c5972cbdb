package io.github.videoquery.cache;

import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The tasks that were forgotten: neither a call that began before may bring them back, nor an entry
 * of another replica. They are known by a digest, so that nothing of a forgotten task is kept.
 */
final class ForgottenTasks {
  /** As long as another replica can have an entry of the task. */
  private static final long KEPT_NANOS = Duration.ofHours(36).toNanos();

  /** So long another replica may not have heard yet, and can share an entry. */
  private static final long HEARD_NANOS = Duration.ofSeconds(2).toNanos();

  private final ConcurrentMap<String, Long> forgotten = new ConcurrentHashMap<>();

  static String digest(TaskId id) {
    byte[] digest = Sha256.of(id.value().getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
  }

  void add(String digest, long now) {
    forgotten.values().removeIf(at -> now - at > KEPT_NANOS);
    forgotten.put(digest, now);
  }

  /** Whether what began at this time is about a task that was forgotten since. */
  boolean isForgottenSince(TaskId id, long began) {
    if (forgotten.isEmpty()) {
      return false;
    }
    Long at = forgotten.get(digest(id));
    return at != null && at - began >= 0;
  }

  /**
   * Whether an entry of another replica may not be used: it was received before its task was
   * forgotten, or found just afterwards.
   *
   * @param received when that replica received it, by the clock of this one
   */
  boolean isForgottenCopy(TaskId id, long received, long now) {
    return isForgottenSince(id, received) || isForgottenSince(id, now - HEARD_NANOS);
  }
}
