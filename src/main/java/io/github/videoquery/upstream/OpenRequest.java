package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The request that is open on a connection: when it was sent, when bytes were last received, and
 * the read timeout. Time during which the process was suspended does not count towards the timeout.
 */
final class OpenRequest {
  private final long responseTimeout;
  private final ResponseTimes times;
  private final TimeSource time;

  private int requests;
  private long requestedAt;
  private long heardAt;
  private long lookAt;
  private boolean isOpen;
  private boolean hasBegun;

  OpenRequest(Duration responseTimeout, ResponseTimes times, TimeSource time) {
    this.responseTimeout = responseTimeout.toNanos();
    this.times = times;
    this.time = time;
  }

  boolean isOpen() {
    return isOpen;
  }

  /** Whether a byte of its response has come. */
  boolean hasBegun() {
    return hasBegun;
  }

  boolean isOnReusedConnection() {
    return requests > 1;
  }

  /** Whether no request has been sent yet. Returns true at most once. */
  boolean isFirstYetToCome() {
    if (requests > 0) {
      return false;
    }
    requests = 1;
    return true;
  }

  void end() {
    isOpen = false;
  }

  /** Opens a request, and starts its read timeout. */
  void written(EventExecutor loop, Consumer<Exception> onSilence) {
    isOpen = true;
    hasBegun = false;
    requests++;
    requestedAt = time.nanoTime();
    heardAt = requestedAt;
    long ahead = lookAt - requestedAt;
    if (requests == 1 || ahead <= 0 || ahead > bound()) {
      lookAfter(loop, onSilence, bound());
    }
  }

  /** Bytes have come. */
  void heard() {
    heardAt = time.nanoTime();
    if (!hasBegun) {
      hasBegun = true;
      times.firstByte(heardAt - requestedAt);
    }
  }

  /** How long to wait for the next byte now. */
  private long bound() {
    return requests > 1 && !hasBegun
        ? Math.min(times.firstByteNanos(), responseTimeout)
        : responseTimeout;
  }

  /** One timer serves many requests; a new one is set only if it must fire earlier. */
  private void lookAfter(EventExecutor loop, Consumer<Exception> onSilence, long nanos) {
    long at = time.nanoTime() + nanos;
    lookAt = at;
    var _ = loop.schedule(() -> look(loop, onSilence, at), nanos, TimeUnit.NANOSECONDS);
  }

  private void look(EventExecutor loop, Consumer<Exception> onSilence, long planned) {
    if (!isOpen || lookAt != planned) {
      return; // nothing to wait for, or another timer was set since
    }
    long now = time.nanoTime();
    long left = heardAt + bound() - now;
    long grace = CallDeadlines.graceNanos(now - planned);
    if (left > 0 || grace > 0) {
      lookAfter(loop, onSilence, Math.max(left, grace));
      return;
    }
    isOpen = false;
    boolean isDead = requests > 1 && !hasBegun && now - heardAt < responseTimeout;
    onSilence.accept(
        isDead
            ? new GuardedCodec.NoResponseException("silence on a reused connection")
            : ReadTimeoutException.INSTANCE);
  }
}
