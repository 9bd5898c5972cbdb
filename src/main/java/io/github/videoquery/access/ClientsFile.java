package io.github.videoquery.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients file as it stands: looked at each second, and compared by content, as Kubernetes
 * replaces a mounted file by turning a symbolic link. One that cannot be used leaves the clients as
 * they were.
 */
final class ClientsFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClientsFile.class);
  private static final long RECHECK_SECONDS = 1;

  private final Path path;
  private final Function<byte[], Clients> parser;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("clients-file").factory());
  private byte[] seen;
  private byte[] used;
  private String complaint = "";
  private volatile Clients clients;

  /**
   * @throws
   *     org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
   *     with a sentence that says how to mend the file
   */
  ClientsFile(Path path, Function<byte[], Clients> parser) {
    this.path = path;
    this.parser = parser;
    this.seen = read(path);
    this.used = seen;
    this.clients = parser.apply(used);
    var _ =
        watch.scheduleWithFixedDelay(
            this::reloadIfChanged, RECHECK_SECONDS, RECHECK_SECONDS, TimeUnit.SECONDS);
  }

  Clients clients() {
    return clients;
  }

  /** What is found twice alike is not half-written. */
  private void reloadIfChanged() {
    try {
      byte[] now = read(path);
      boolean settled = Arrays.equals(now, seen);
      seen = now;
      if (settled && !Arrays.equals(now, used)) {
        used = now;
        clients = parser.apply(now);
        log.atInfo()
            .addKeyValue("clients", clients.count())
            .log("The clients were replaced from the clients file");
      }
      complaint = "";
    } catch (Throwable e) { // an Error, too, would end the schedule without a word
      if (!complaint.equals(e.getMessage())) {
        complaint = String.valueOf(e.getMessage());
        log.atWarn()
            .addKeyValue("file", path)
            .log(
                "The changed clients file cannot be used; the clients stay as they were: {}",
                complaint);
      }
    }
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw Clients.invalid(path, "The file cannot be read: " + e + ".");
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }
}
