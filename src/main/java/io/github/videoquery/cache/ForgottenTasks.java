package io.github.videoquery.cache;

import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The tasks that were forgotten a short while ago: a call that began before may not bring them
 * back. They are known by a digest, so that nothing of a forgotten task is kept.
 */
final class ForgottenTasks {
  /** Longer than any call. */
  private static final long KEPT_NANOS = Duration.ofMinutes(2).toNanos();

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
}
