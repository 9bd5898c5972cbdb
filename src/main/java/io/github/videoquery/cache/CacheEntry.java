package io.github.videoquery.cache;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.time.TimeSource;
import java.time.Instant;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A cached reply with its times: when it came, how long it is fresh, and how long it may be served
 * stale. Times are {@link TimeSource#nanoTime()}.
 */
public final class CacheEntry {
  /** An allowance for what Caffeine, the key and this object take besides the bytes. */
  private static final int BOOKKEEPING_BYTES = 480;

  private static final long NEVER = Long.MAX_VALUE;
  private static final long LINK_MARGIN_MILLIS = Lifetime.LINK_MARGIN.toMillis();

  private final TaskReply reply;
  private final String model;
  private final @Nullable String account;
  private final History history;
  private final long receivedAt;
  private final long freshNanos;
  private final long usableNanos;
  private final long linkExpiresMillis;
  private final @Nullable GzipBody gzip;
  private volatile long restsUntil;

  CacheEntry(
      TaskReply reply,
      String model,
      @Nullable String account,
      History history,
      long receivedAt,
      Lifetime lifetime) {
    this.reply = withoutTimes(reply);
    this.gzip = reply instanceof Known known ? new GzipBody(known.body()) : null;
    this.model = model;
    this.account = account;
    this.history = history;
    this.receivedAt = receivedAt;
    this.restsUntil = receivedAt;
    this.freshNanos = lifetime.fresh().toNanos();
    this.usableNanos = lifetime.usable().toNanos();
    Instant linkExpiresAt = lifetime.linkExpiresAt();
    this.linkExpiresMillis = linkExpiresAt == null ? NEVER : linkExpiresAt.toEpochMilli();
  }

  /**
   * A finished task's times are not needed once its lifetime is known; dropping them saves memory.
   */
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

  /** Whether compression saves more bytes than its header fields add. */
  public boolean isWorthCompressing() {
    return gzip != null && gzip.isWorthIt();
  }

  boolean hasGzip() {
    return gzip != null && gzip.isMade();
  }

  /** The body compressed by gzip, made when it is first needed; null for a reply without one. */
  @Nullable GzipBody gzip() {
    return gzip;
  }

  History history() {
    return history;
  }

  Instant firstSeen() {
    return history.firstSeen();
  }

  /** Whether the task has ended: by its reply, or because it is settled. */
  public boolean isEnded() {
    return reply.isTerminal() || history.isSettled();
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

  /** How long it is kept, after it may not be served any more, too. */
  long keptNanos() {
    return history.unlinkedSince() == null
        ? usableNanos
        : Math.max(usableNanos, History.KEPT.toNanos());
  }

  /** When the video link expires; null if that is not known. */
  @Nullable Instant linkExpiresAt() {
    return linkExpiresMillis == NEVER ? null : Instant.ofEpochMilli(linkExpiresMillis);
  }

  boolean isFresh(long now, TimeSource time) {
    return now - receivedAt < freshNanos && isLinkAlive(time, LINK_MARGIN_MILLIS);
  }

  private boolean isLinkAlive(TimeSource time, long marginMillis) {
    return linkExpiresMillis == NEVER || time.millis() < linkExpiresMillis - marginMillis;
  }

  /**
   * How long a feed waits before it refreshes this entry: as long as it is fresh, plus or minus
   * 10%, so that tasks first seen together are not refreshed together forever.
   */
  long pauseNanos() {
    if (!(reply instanceof Unfinished) || isEnded()) {
      return freshNanos;
    }
    return (long) (freshNanos * new SplittableRandom(receivedAt).nextDouble(0.9, 1.1));
  }

  /** Whether it is fresh enough for a feed, which waits for {@link #pauseNanos()}. */
  boolean isFreshForFeed(long now, TimeSource time) {
    return now - receivedAt < pauseNanos() && isLinkAlive(time, LINK_MARGIN_MILLIS);
  }

  /** Whether it may be served stale: it is about a task, and not too old. */
  boolean isServable(long now, TimeSource time) {
    return reply instanceof Known && now - receivedAt < usableNanos && isLinkAlive(time, 0);
  }

  /**
   * Whether it may be served at once while a call refreshes it: not if its link is about to die.
   */
  boolean isServableMeanwhile(long now, TimeSource time) {
    return isEnded() && isServable(now, time) && isLinkAlive(time, LINK_MARGIN_MILLIS);
  }

  /** Refreshing it has failed: it is not tried again for a while. */
  void rest(long until) {
    restsUntil = until;
  }

  boolean isResting(long now) {
    return restsUntil - now > 0;
  }

  /** Nanoseconds until another query may bring something new, while a call is under way. */
  long askAgainNanos(long now) {
    return Math.max(freshNanos, restsUntil - now);
  }

  /** Whether it is not too old to be kept, whatever the reply. */
  boolean isKept(long now) {
    return now - receivedAt < keptNanos();
  }

  /** The memory this entry and its key take, in bytes. */
  int weight(TaskQuery query) {
    int key = query.id().value().length() + query.parameters().length();
    long body = reply instanceof Known known ? Body.heldBytes(known.body().length()) : 0;
    return Math.toIntExact(BOOKKEEPING_BYTES + key + body + (gzip == null ? 0 : gzip.heldBytes()));
  }

  /** The account that knows the task; null if there is none. */
  static @Nullable String accountOf(@Nullable CacheEntry entry) {
    return entry != null && entry.reply instanceof Known ? entry.account : null;
  }
}
