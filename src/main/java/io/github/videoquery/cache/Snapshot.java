package io.github.videoquery.cache;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One answer about one task: what it says, when it came, and how long it may be served. Times are a
 * ticker's nanoseconds.
 */
public final class Snapshot {
  /** An allowance for what Caffeine, the key and this object take besides the bytes. */
  private static final int BOOKKEEPING_BYTES = 400;

  private final TaskReply reply;
  private final String model;
  private final Instant firstSeen;
  private final long receivedAt;
  private final long freshNanos;
  private final long usableNanos;
  private final byte @Nullable [] gzip;

  Snapshot(TaskReply reply, String model, Instant firstSeen, long receivedAt, Lifetime lifetime) {
    this(
        reply,
        model,
        firstSeen,
        receivedAt,
        lifetime.fresh().toNanos(),
        lifetime.usable().toNanos(),
        null);
  }

  private Snapshot(
      TaskReply reply,
      String model,
      Instant firstSeen,
      long receivedAt,
      long freshNanos,
      long usableNanos,
      byte @Nullable [] gzip) {
    this.reply = reply;
    this.model = model;
    this.firstSeen = firstSeen;
    this.receivedAt = receivedAt;
    this.freshNanos = freshNanos;
    this.usableNanos = usableNanos;
    this.gzip = gzip;
  }

  public TaskReply reply() {
    return reply;
  }

  /** The task's model as a metric tag: bounded in number. */
  public String model() {
    return model;
  }

  /** The body, compressed; null until somebody asked for it. */
  public byte @Nullable [] gzip() {
    return gzip;
  }

  Snapshot withGzip(byte[] compressed) {
    return new Snapshot(reply, model, firstSeen, receivedAt, freshNanos, usableNanos, compressed);
  }

  Instant firstSeen() {
    return firstSeen;
  }

  long ageNanos(long now) {
    return Math.max(0, now - receivedAt);
  }

  long freshNanos() {
    return freshNanos;
  }

  long usableNanos() {
    return usableNanos;
  }

  boolean isFresh(long now) {
    return now - receivedAt < freshNanos;
  }

  /** Whether it may stand in for the provider: it speaks of a task, and is not too old. */
  boolean canStandIn(long now) {
    return reply instanceof Known && now - receivedAt < usableNanos;
  }

  int weight() {
    int body = reply instanceof Known known ? known.body().length() : 0;
    return BOOKKEEPING_BYTES + body + (gzip == null ? 0 : gzip.length);
  }
}
