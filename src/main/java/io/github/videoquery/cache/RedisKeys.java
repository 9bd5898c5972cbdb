package io.github.videoquery.cache;

import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The names of keys in Redis, each of bounded length. All keys of a task have a digest of its id as
 * their hash tag: they are in one slot of a cluster.
 *
 * @param prefix {@code gateway.cache.redis.key-prefix}
 */
record RedisKeys(String prefix) {
  String entry(TaskQuery query) {
    byte[] digest = Sha256.of(query.parameters().getBytes(StandardCharsets.UTF_8));
    return query.parameters().isEmpty()
        ? task(ForgottenTasks.digest(query.id()))
        : task(ForgottenTasks.digest(query.id()))
            + ':'
            + Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
  }

  String lease(TaskQuery query) {
    return entry(query) + ":lease";
  }

  /** There while nothing of the task is to be stored, because it was just forgotten. */
  String mark(TaskId id) {
    return mark(ForgottenTasks.digest(id));
  }

  /** The same of a task that is known by its {@link ForgottenTasks#digest}. */
  String mark(String digest) {
    return task(digest) + ":forgotten";
  }

  /** The tasks that were forgotten. */
  String announcements() {
    return prefix + "forgotten";
  }

  private String task(String digest) {
    return prefix + StoredEntry.VERSION + ":{" + digest + '}';
  }
}
