package io.github.videoquery.upstream;

import static io.github.videoquery.upstream.AccountProperties.isGiven;

import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.KeyFile.Look;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The provider's keys in the order they are tried: those of the key file as it stands now, looked
 * at again at most once a second. A file that cannot be used leaves the keys as they were.
 */
final class Keys {
  private static final Logger log = LoggerFactory.getLogger(Keys.class);
  private static final long RECHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Between the two looks at a file that changed, when its keys are wanted at once. */
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String account;
  private final @Nullable KeyFile file;
  private final TimeSource time;
  private final AtomicLong recheckAt;
  private final MultiGauge health;
  private volatile List<Key> keys;

  /**
   * @param prefix of the account's properties, for the sentence that says what is wrong with one
   */
  Keys(String prefix, AccountProperties account, MeterRegistry registry, TimeSource time) {
    this.account = Objects.requireNonNull(account.name());
    this.time = time;
    this.recheckAt = new AtomicLong(time.nanoTime() + RECHECK_NANOS);
    this.health =
        MultiGauge.builder("gateway.upstream.key.healthy")
            .description("1 while the provider accepts the key, 0 since it rejected it")
            .tag("account", this.account)
            .register(registry);
    Path path = account.apiKeyFile();
    this.file = path != null && isGiven(path) ? new KeyFile(path) : null;
    this.keys =
        use(
            file == null
                ? List.of(Objects.requireNonNull(account.apiKey()))
                : file.readAtStart(prefix + "api-key-file"));
  }

  /**
   * The keys worth trying now, in order: first one that has rested since it was rejected; then
   * those the provider did not just reject, and the last in any case; all of them, if it rejected
   * all.
   */
  List<Key> candidates() {
    long now = time.nanoTime();
    long due = recheckAt.get();
    if (now - due >= 0 && recheckAt.compareAndSet(due, now + RECHECK_NANOS)) {
      reload();
    }
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

  /** Whether the file, looked at now, no longer holds this key. */
  boolean replaced(Key key) {
    if (reload() instanceof Look.Changing) {
      time.parkUntil(this, time.nanoTime() + SETTLE_NANOS);
      reload();
    }
    return !keys.contains(key);
  }

  private Look reload() {
    Look look = look();
    if (look instanceof Look.Replaced(List<ApiKey> replaced)) {
      log.atWarn()
          .addKeyValue("account", account)
          .addKeyValue("keys", replaced.size())
          .log("The provider's keys were replaced from the key file");
    } else if (look instanceof Look.Unusable(String why)) {
      log.atWarn()
          .addKeyValue("file", file)
          .log("The changed key file cannot be used; the keys stay as they were: {}", why);
    }
    return look;
  }

  private synchronized Look look() {
    Look look = file == null ? new Look.Unchanged() : file.look();
    if (look instanceof Look.Replaced(List<ApiKey> replaced)) {
      keys = use(replaced);
    }
    return look;
  }

  private List<Key> use(List<ApiKey> secrets) {
    List<Key> fresh =
        IntStream.range(0, secrets.size())
            .mapToObj(i -> new Key(secrets.get(i), account, i + 1, time::nanoTime))
            .toList();
    health.register(fresh.stream().<Row<?>>map(Keys::row).toList(), true);
    return fresh;
  }

  private static Row<Key> row(Key key) {
    Tags tags = Tags.of("key", Integer.toString(key.position()));
    return Row.of(tags, key, tagged -> tagged.isHealthy() ? 1 : 0);
  }
}
