package io.github.videoquery.cache;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One answer about one task: what it says, when it came, and how long it may be served. Times are a
 * ticker's nanoseconds.
 */
public final class Snapshot {
  /** An allowance for what Caffeine, the key and this object take besides the bytes. */
  private static final int BOOKKEEPING_BYTES = 400;

  private static final int COMPRESS_FROM_BYTES = 1024;

  private final TaskReply reply;
  private final String model;
  private final @Nullable String account;
  private final long firstSeenMillis;
  private final long receivedAt;
  private final long freshNanos;
  private final long usableNanos;
  private volatile byte @Nullable [] gzip;

  Snapshot(
      TaskReply reply,
      String model,
      @Nullable String account,
      Instant firstSeen,
      long receivedAt,
      Lifetime lifetime) {
    this.reply = withoutTimes(reply);
    this.model = model;
    this.account = account;
    this.firstSeenMillis = firstSeen.toEpochMilli();
    this.receivedAt = receivedAt;
    this.freshNanos = lifetime.fresh().toNanos();
    this.usableNanos = lifetime.usable().toNanos();
  }

  /** A finished task's times have told how long it is kept; a million of them need not stay. */
  private static TaskReply withoutTimes(TaskReply reply) {
    return reply instanceof Finished finished
        ? new Finished(finished.body(), finished.status(), null, null, null)
        : reply;
  }

  public TaskReply reply() {
    return reply;
  }

  /** The task's model as a metric tag: bounded in number. */
  public String model() {
    return model;
  }

  /** The account that answered. */
  @Nullable String account() {
    return account;
  }

  /** Whether the body gains more from compression than the header fields for it take back. */
  public boolean isWorthCompressing() {
    return reply instanceof Known known && known.body().length() >= COMPRESS_FROM_BYTES;
  }

  boolean hasGzip() {
    return gzip != null;
  }

  /** The body compressed by gzip, made when somebody first asks for it. */
  synchronized byte[] gzip() {
    byte[] made = gzip;
    if (made == null) {
      made = compress(((Known) reply).body().bytes());
      gzip = made;
    }
    return made;
  }

  /** The same, without keeping what has to be made for it. */
  byte[] compressed() {
    byte[] made = gzip;
    return made != null ? made : compress(((Known) reply).body().bytes());
  }

  private static byte[] compress(byte[] bytes) {
    var compressed = new ByteArrayOutputStream(bytes.length / 2 + 64);
    try (var stream = new GZIPOutputStream(compressed)) {
      stream.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to write", e);
    }
    return compressed.toByteArray();
  }

  Instant firstSeen() {
    return Instant.ofEpochMilli(firstSeenMillis);
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

  /**
   * How long those who wait leave it at this answer: as long as it is fresh, give or take a tenth,
   * so that tasks seen at the same moment are not asked for at the same moment ever after.
   */
  long pauseNanos() {
    if (!(reply instanceof Unfinished)) {
      return freshNanos;
    }
    return (long) (freshNanos * new SplittableRandom(receivedAt).nextDouble(0.9, 1.1));
  }

  /** Whether it may stand in for the provider: it speaks of a task, and is not too old. */
  boolean canStandIn(long now) {
    return reply instanceof Known && now - receivedAt < usableNanos;
  }

  /** The memory this snapshot and its key take, in bytes. */
  int weight(TaskQuery query) {
    int key = query.id().value().length() + query.parameters().length();
    byte[] compressed = gzip;
    int bodies = reply instanceof Known known ? known.body().length() : 0;
    return BOOKKEEPING_BYTES + key + bodies + (compressed == null ? 0 : compressed.length);
  }
}
