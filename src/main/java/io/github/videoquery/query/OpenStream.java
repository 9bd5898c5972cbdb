package io.github.videoquery.query;

import io.github.videoquery.access.Client;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;

/**
 * Sends the updates of feeds, and a comment at each heartbeat, until all tasks end, the caller
 * disconnects, its token expires, the service stops or the stream is too old, since some proxies
 * keep the stream of a caller that has gone.
 *
 * <p>A stream at rest holds no thread, because a parked one keeps its stack. Each wake-up starts a
 * thread. If one is at work already, that one looks for updates again.
 */
final class OpenStream implements Runnable {
  private static final long RECONNECT_AFTER_MILLIS = 1000;

  private final StreamClock clock;
  private final StreamTimes times;
  private final EventStream events;
  private final WatchedTasks tasks;
  private final Ending ending;
  private final Callback callback;
  private final Executor threads;
  private final AtomicInteger wakeUps = new AtomicInteger(1); // the one of begin()

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
      StreamClock clock,
      EventStream events,
      WatchedTasks tasks,
      Client client,
      Ending ending,
      Callback callback,
      Executor threads) {
    this.clock = clock;
    this.events = events;
    this.tasks = tasks;
    this.ending = ending;
    this.callback = callback;
    this.times = new StreamTimes(clock, client, clock.time());
    this.threads = threads;
  }

  /** Sends what is known by now, on the calling thread. */
  void begin() {
    tasks.onUpdate(this);
    long first = times.nextWakeUp();
    if (work()) {
      clock.schedule(this::beat, first);
    }
  }

  /** Wakes the stream, because a feed has an update. */
  @Override
  public void run() {
    if (wakeUps.getAndIncrement() == 0) {
      startThread();
    }
  }

  /**
   * Sends the comment of a heartbeat. That needs no thread if nothing else is to be sent: the write
   * does not block.
   */
  private void beat() {
    if (wakeUps.getAndIncrement() != 0) {
      return; // the thread at work looks again
    }
    if (times.isOver() || tasks.areToBeTold()) {
      startThread();
    } else if (!times.isHeartbeat()) { // a thread has sent it meanwhile, and scheduled the next one
      rest();
    } else {
      scheduleHeartbeat();
      events.comment(Callback.from(this::rest, callback::failed));
    }
  }

  private void rest() {
    if (!wakeUps.compareAndSet(1, 0)) {
      startThread();
    }
  }

  private void startThread() {
    tasks.reserve();
    threads.execute(this::work);
  }

  /** Sends what there is to send; false if the stream is over. */
  private boolean work() {
    try {
      int seen;
      do {
        seen = wakeUps.get();
        if (!goesOn()) {
          callback.succeeded(); // and no thread is started again
          return false;
        }
      } while (!wakeUps.compareAndSet(seen, 0));
      return true;
    } catch (IOException gone) {
      callback.failed(gone);
      return false;
    }
  }

  /** Sends what there is to tell; false if that was all. */
  private boolean goesOn() throws IOException {
    boolean isHeartbeat = times.isHeartbeat();
    tasks.tell(isHeartbeat, () -> !times.isEnd());
    boolean isExpired = times.isExpired();
    if (tasks.isEmpty() || isExpired) {
      ending.send(isExpired && !tasks.isEmpty());
      return false;
    }
    if (times.isOver()) {
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
    clock.schedule(this::beat, times.nextWakeUp());
  }
}
