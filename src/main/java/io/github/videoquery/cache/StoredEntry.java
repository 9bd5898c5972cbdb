package io.github.videoquery.cache;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.Sha256;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An entry as it is written for other replicas: 16 bytes of a SHA-256 digest over the query and the
 * rest, then the fields in order. Bodies worth it are compressed. Whatever changes here changes
 * {@link #VERSION}, so that replicas of different versions do not read each other.
 */
record StoredEntry(
    TaskReply reply, String account, History history, Instant received, Lifetime lifetime) {
  static final int VERSION = 3;

  /** Where the kind is: {@code F} for a finished task. */
  static final int KIND_AT = 16;

  private static final int DIGEST_BYTES = KIND_AT;
  private static final long NEVER = Long.MAX_VALUE;

  /**
   * @param now on the entry's ticker
   */
  static byte[] write(TaskQuery query, CacheEntry entry, long now, Instant today) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      TaskReply reply = entry.reply();
      out.writeByte(kind(reply));
      out.writeUTF(Objects.requireNonNullElse(entry.account(), ""));
      History history = entry.history();
      out.writeLong(history.firstSeen().toEpochMilli());
      Instant unlinkedSince = history.unlinkedSince();
      out.writeLong(unlinkedSince == null ? NEVER : unlinkedSince.toEpochMilli());
      out.writeBoolean(history.isSettled());
      out.writeLong(today.minusNanos(entry.ageNanos(now)).toEpochMilli());
      out.writeLong(entry.freshNanos());
      out.writeLong(entry.usableNanos());
      Instant linkExpiresAt = entry.linkExpiresAt();
      out.writeLong(linkExpiresAt == null ? NEVER : linkExpiresAt.toEpochMilli());
      if (reply instanceof Known known) {
        out.writeUTF(known.status());
        GzipBody gzip = entry.gzip();
        StoredBody.write(
            out, known.body(), gzip != null && gzip.isWorthIt() ? gzip.passing() : null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to write", e);
    }
    byte[] fields = bytes.toByteArray();
    byte[] stored = Arrays.copyOf(digest(query, fields, 0), DIGEST_BYTES + fields.length);
    System.arraycopy(fields, 0, stored, DIGEST_BYTES, fields.length);
    return stored;
  }

  /**
   * @throws IOException if the bytes are not what {@link #write} made of an entry for this query
   */
  static StoredEntry read(TaskQuery query, byte[] stored) throws IOException {
    if (stored.length < DIGEST_BYTES
        || !Arrays.equals(
            digest(query, stored, DIGEST_BYTES), Arrays.copyOf(stored, DIGEST_BYTES))) {
      throw new IOException("The digest does not fit");
    }
    int length = stored.length - DIGEST_BYTES;
    try (var in = new DataInputStream(new ByteArrayInputStream(stored, DIGEST_BYTES, length))) {
      byte kind = in.readByte();
      String account = in.readUTF();
      Instant firstSeen = Instant.ofEpochMilli(in.readLong());
      var history = new History(firstSeen, instant(in.readLong()), in.readBoolean());
      Instant received = Instant.ofEpochMilli(in.readLong());
      Duration fresh = Duration.ofNanos(in.readLong());
      Duration usable = Duration.ofNanos(in.readLong());
      var lifetime = new Lifetime(fresh, usable, instant(in.readLong()));
      return new StoredEntry(reply(kind, in), account, history, received, lifetime);
    }
  }

  private static @Nullable Instant instant(long millis) {
    return millis == NEVER ? null : Instant.ofEpochMilli(millis);
  }

  private static TaskReply reply(byte kind, DataInputStream in) throws IOException {
    if (kind == 'N') {
      return new NotFound();
    }
    String status = in.readUTF().intern();
    Body body = StoredBody.read(in);
    return switch (kind) {
      case 'F' -> new Finished(body, status, null, null, null);
      case 'X' -> new Failed(body, status);
      case 'U' -> new Unfinished(body, status);
      default -> throw new IOException("No such kind");
    };
  }

  private static byte kind(TaskReply reply) {
    return (byte)
        switch (reply) {
          case Finished _ -> 'F';
          case Failed _ -> 'X';
          case Unfinished _ -> 'U';
          case NotFound _ -> 'N';
          default -> throw new IllegalArgumentException("Not cacheable: " + reply);
        };
  }

  private static byte[] digest(TaskQuery query, byte[] bytes, int from) {
    MessageDigest digest = Sha256.digest();
    digest.update(name(query));
    digest.update(bytes, from, bytes.length - from);
    return Arrays.copyOf(digest.digest(), DIGEST_BYTES);
  }

  /** A query's name. It is unique, because neither part can hold a line feed. */
  static byte[] name(TaskQuery query) {
    return (query.id().value() + '\n' + query.parameters() + '\n')
        .getBytes(StandardCharsets.US_ASCII);
  }
}
