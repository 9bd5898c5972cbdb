package io.github.videoquery.file;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at all files that are read again when they change: every second, on one thread. */
public final class FileWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);
  private static final long INTERVAL_SECONDS = 1;

  private final List<Runnable> looks = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("file-watch").factory());

  public FileWatch started() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::look, INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
    return this;
  }

  /**
   * @param look looks at one file, and does what its change demands
   */
  public void add(Runnable look) {
    looks.add(look);
  }

  /** Looks at all files now. A look that fails does not keep others from theirs. */
  public void look() {
    for (Runnable look : looks) {
      try {
        look.run();
      } catch (Throwable e) { // an Error, too, would end the schedule silently
        log.warn("A file cannot be looked at; what it held stays in use", e);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
