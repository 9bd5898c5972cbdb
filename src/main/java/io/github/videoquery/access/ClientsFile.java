package io.github.videoquery.access;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.file.WatchedFile;
import io.github.videoquery.file.WatchedFile.Look;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients of the clients file, which is read again every second. If the changed file is
 * invalid, the current clients stay in use.
 */
final class ClientsFile {
  private static final Logger log = LoggerFactory.getLogger(ClientsFile.class);

  private final WatchedFile<Clients> file;
  private volatile Clients clients;

  /**
   * @throws
   *     org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException
   *     with a sentence that says how to fix the file
   */
  ClientsFile(Path path, Function<byte[], Clients> parser, FileWatch watch) {
    this.file = new WatchedFile<>(path, parser);
    try {
      this.clients = file.readAtStart();
    } catch (IOException e) {
      throw ClientsParser.invalid(path, WatchedFile.unreadable(e));
    }
    watch.add(this::reload);
  }

  Clients clients() {
    return clients;
  }

  private void reload() {
    Look<Clients> look = file.look();
    if (look instanceof Look.Replaced<Clients>(Clients replaced)) {
      clients = replaced;
      log.atInfo()
          .addKeyValue("clients", replaced.count())
          .log("The clients were replaced from the clients file");
    } else if (look instanceof Look.Unusable<Clients>(String why)) {
      log.atWarn()
          .addKeyValue("file", file)
          .log("The changed clients file cannot be used; the current clients stay in use: {}", why);
    }
  }
}
