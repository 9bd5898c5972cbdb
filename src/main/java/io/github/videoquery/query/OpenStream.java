package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;

/**
 * An open event stream: it sends the updates of feeds, and a comment at each heartbeat. It ends
 * when all tasks have ended, the client disconnects, its token expires, the service stops, or it is
 * older than {@code gateway.wait.max-stream-age}: some proxies keep the stream of a client that has
 * gone.
 *
 * <p>A stream at rest holds no thread, because a parked one keeps its stack. An update starts a
 * thread, unless one is running: that one then looks for updates again. A heartbeat needs none.
 */
final class OpenStream {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  private final StreamScheduler scheduler;
  private final StreamTimes times;
  private final EventStream events;
  private final StreamSubscriptions tasks;
  private final Ending ending;
  private final Callback callback;
  private final Executor threads;
  private final AtomicInteger pending = new AtomicInteger(1); // wake-ups; begin() is the first

  /** Sends what follows the last event about a task. */
  @FunctionalInterface
  interface Ending {
    /**
     * @param isExpired whether the client's token expired; if not, all tasks are over
     */
    void send(boolean isExpired) throws IOException;
  }

  /**
   * @param callback is completed when the stream has ended
   * @param threads start a thread for each job, which may block
   */
  OpenStream(
      StreamScheduler scheduler,
      EventStream events,
      StreamSubscriptions tasks,
      Client client,
      Ending ending,
      Callback callback,
      Executor threads) {
    this.scheduler = scheduler;
    this.events = events;
    this.tasks = tasks;
    this.ending = ending;
    this.callback = callback;
    this.times = new StreamTimes(scheduler, client);
    this.threads = threads;
  }

  /** Sends what is known by now, on the calling thread. */
  void begin() {
    tasks.onUpdate(this::wake);
    long first = times.nextWakeUp();
    if (work()) {
      scheduler.schedule(this::beat, first);
    }
  }

  /** Called when a feed has an update or has failed, or the service stops. */
  void wake() {
    if (pending.getAndIncrement() == 0) {
      startThread();
    }
  }

  /**
   * Sends the comment of a heartbeat. That needs no thread if nothing else is to be sent: the write
   * does not block.
   */
  private void beat() {
    if (pending.getAndIncrement() != 0) {
      return; // the thread that runs, or the end of a comment's write, looks again
    }
    if (times.mustEnd() || tasks.hasUnsent()) {
      startThread();
    } else if (!times.isHeartbeatDue()) { // a thread has sent it, and scheduled the next one
      finishComment();
    } else {
      scheduleHeartbeat();
      events.comment(Callback.from(this::finishComment, callback::failed));
    }
  }

  private void finishComment() {
    if (!pending.compareAndSet(1, 0)) {
      startThread();
    }
  }

  private void startThread() {
    threads.execute(this::work);
  }

  /** Sends what is due until no wake-up is pending; false if the stream has ended. */
  private boolean work() {
    try {
      int seen;
      do {
        seen = pending.get();
        if (!sendDue()) {
          callback.succeeded(); // and no thread is started again
          return false;
        }
      } while (!pending.compareAndSet(seen, 0));
      return true;
    } catch (IOException gone) {
      callback.failed(gone);
      return false;
    }
  }

  /** Returns false if the stream has ended. */
  private boolean sendDue() throws IOException {
    boolean isHeartbeat = times.isHeartbeatDue();
    tasks.send(isHeartbeat, () -> !times.hasReachedEnd());
    boolean isExpired = times.isTokenExpired();
    if (tasks.isEmpty() || isExpired) {
      ending.send(isExpired && !tasks.isEmpty());
      return false;
    }
    if (times.mustEnd()) {
      long spread = ThreadLocalRandom.current().nextLong(2 * RECONNECT_AFTER_MILLIS);
      events.retry(RECONNECT_AFTER_MILLIS + spread);
      return false;
    }
    if (isHeartbeat) {
      events.comment();
      scheduleHeartbeat();
    }
    return true;
  }

  private void scheduleHeartbeat() {
    times.next();
    scheduler.schedule(this::beat, times.nextWakeUp());
  }
}
