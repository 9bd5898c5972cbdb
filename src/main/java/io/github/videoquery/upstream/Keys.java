package io.github.videoquery.upstream;

import static io.github.videoquery.upstream.AccountProperties.isGiven;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.file.WatchedFile;
import io.github.videoquery.file.WatchedFile.Look;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The provider's keys in the order they are tried. The key file is read again when it changes; if
 * it is invalid, the current keys stay in use.
 */
final class Keys {
  private static final Logger log = LoggerFactory.getLogger(Keys.class);

  /** The pause between the two reads of a changed file, when its keys are needed now. */
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String account;
  private final @Nullable WatchedFile<List<ApiKey>> file;
  private final TimeSource time;
  private final MultiGauge health;
  private volatile List<Key> keys;

  /**
   * @param prefix of the account's properties, for the sentence that says what is wrong with one
   */
  Keys(
      String prefix,
      AccountProperties account,
      MeterRegistry registry,
      FileWatch watch,
      TimeSource time) {
    this.account = Objects.requireNonNull(account.name());
    this.time = time;
    this.health =
        MultiGauge.builder("gateway.upstream.key.healthy")
            .description("1 while the provider accepts the key, 0 since it rejected it")
            .tag("account", this.account)
            .register(registry);
    Path path = account.apiKeyFile();
    this.file = path != null && isGiven(path) ? new WatchedFile<>(path, ApiKey::parse) : null;
    this.keys =
        use(
            file == null
                ? List.of(Objects.requireNonNull(account.apiKey()))
                : readAtStart(file, prefix + "api-key-file"));
    watch.add(
        () -> {
          var _ = reload();
        });
  }

  private static List<ApiKey> readAtStart(WatchedFile<List<ApiKey>> file, String property) {
    try {
      return file.readAtStart();
    } catch (IOException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, file, WatchedFile.unreadable(e));
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, file, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The keys to try now, in order: first one that was rejected more than a minute ago; then those
   * that were not rejected within the last minute, and always the last one. If all were rejected:
   * all of them.
   */
  List<Key> candidates() {
    long now = time.nanoTime();
    List<Key> all = keys;
    for (Key key : all) {
      if (all.size() > 1 && key.claimRetry(now)) {
        return Stream.concat(Stream.of(key), all.stream().filter(other -> other != key)).toList();
      }
    }
    Key last = all.getLast();
    List<Key> rested = all.stream().filter(key -> key == last || !key.rests(now)).toList();
    return rested.size() == 1 && last.rests(now) ? all : rested;
  }

  /** Reads the file again; returns whether it no longer holds this key. */
  boolean replaced(Key key) {
    if (reload() instanceof Look.Changing<List<ApiKey>>) {
      time.parkUntil(this, time.nanoTime() + SETTLE_NANOS);
      reload();
    }
    return !keys.contains(key);
  }

  private Look<List<ApiKey>> reload() {
    Look<List<ApiKey>> look = look();
    if (look instanceof Look.Replaced<List<ApiKey>>(List<ApiKey> replaced)) {
      log.atWarn()
          .addKeyValue("account", account)
          .addKeyValue("keys", replaced.size())
          .log("The provider's keys were replaced from the key file");
    } else if (look instanceof Look.Unusable<List<ApiKey>>(String why)) {
      log.atWarn()
          .addKeyValue("file", file)
          .log("The changed key file cannot be used; the current keys stay in use: {}", why);
    }
    return look;
  }

  private synchronized Look<List<ApiKey>> look() {
    Look<List<ApiKey>> look = file == null ? new Look.Unchanged<>() : file.look();
    if (look instanceof Look.Replaced<List<ApiKey>>(List<ApiKey> replaced)) {
      keys = use(replaced);
    }
    return look;
  }

  private List<Key> use(List<ApiKey> secrets) {
    List<Key> fresh =
        IntStream.range(0, secrets.size())
            .mapToObj(i -> new Key(secrets.get(i), account, i + 1, time))
            .toList();
    health.register(fresh.stream().<Row<?>>map(Keys::row).toList(), true);
    return fresh;
  }

  private static Row<Key> row(Key key) {
    Tags tags = Tags.of("key", Integer.toString(key.position()));
    return Row.of(tags, key, tagged -> tagged.isHealthy() ? 1 : 0);
  }
}
