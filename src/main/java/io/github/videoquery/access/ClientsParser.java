package io.github.videoquery.access;

import io.github.videoquery.access.Clients.Listed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.ByteArrayResource;

/** Reads the clients file. The file holds no key, but hashes of keys. */
final class ClientsParser {
  private static final String PROPERTY = "gateway.access.clients-file";
  private static final Pattern HASH = Pattern.compile("sha256:([0-9a-f]{64})");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private ClientsParser() {}

  /** One entry of the file. */
  record Entry(
      String name,
      @DefaultValue List<String> keys,
      @DefaultValue List<String> models,
      @Nullable Rate rate,
      @Nullable Instant expires) {}

  /**
   * @param withKeys whether each client is to be known by a key
   * @throws InvalidConfigurationPropertyValueException with a sentence that says how to fix the
   *     file
   */
  static Clients parse(byte[] yaml, Path file, boolean withKeys, RateLimiters limiters) {
    Map<String, Listed> byHash = new HashMap<>();
    Map<String, Listed> byName = new HashMap<>();
    for (Entry entry : read(yaml, file)) {
      Listed client = client(entry, file, limiters);
      if (byName.putIfAbsent(entry.name(), client) != null) {
        throw invalid(file, "Client " + entry.name() + " is listed twice; give it all its keys.");
      }
      if (withKeys) {
        addKeys(byHash, entry, client, file);
      }
    }
    if (withKeys && byHash.isEmpty()) {
      throw invalid(file, "The file lists no client with a key under 'clients:'.");
    }
    return new Clients(byHash, byName);
  }

  private static Listed client(Entry entry, Path file, RateLimiters limiters) {
    if (entry.name() == null || !NAME.matcher(entry.name()).matches()) {
      throw invalid(
          file,
          "Each client needs a name of 1 to 64 letters, digits, dots, dashes or underscores.");
    }
    if (entry.rate() != null && !entry.rate().isValid()) {
      throw invalid(
          file,
          "Client "
              + entry.name()
              + ": give its rate as {per-second: …, burst: …}, above 0 up to"
              + " 1,000,000, and 1 or more.");
    }
    RateLimiter limiter = limiters.of(entry.name(), entry.rate());
    return new Listed(
        new Client(entry.name(), List.copyOf(entry.models()), limiter), entry.expires());
  }

  private static void addKeys(Map<String, Listed> byHash, Entry entry, Listed client, Path file) {
    if (entry.keys().isEmpty()) {
      throw invalid(file, "Client " + entry.name() + " has no keys.");
    }
    for (String key : entry.keys()) {
      var hash = HASH.matcher(key);
      if (!hash.matches()) {
        throw invalid(
            file,
            "Client "
                + entry.name()
                + ": write each key as \"sha256:\" and the 64 lower-case hex digits of its"
                + " SHA-256.");
      }
      if (byHash.putIfAbsent(hash.group(1), client) != null) {
        throw invalid(file, "Client " + entry.name() + " shares a key with another entry.");
      }
    }
  }

  private static List<Entry> read(byte[] yaml, Path file) {
    try {
      var sources = new MutablePropertySources();
      new YamlPropertySourceLoader()
          .load("clients", new ByteArrayResource(yaml))
          .forEach(sources::addLast);
      BindResult<List<Entry>> entries =
          new Binder(ConfigurationPropertySources.from(sources))
              .bind(
                  "clients",
                  Bindable.listOf(Entry.class),
                  new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
      return entries.orElseThrow(
          () -> new IllegalArgumentException("it has nothing under 'clients:'."));
    } catch (IOException | RuntimeException e) {
      throw invalid(file, "The file cannot be read: " + rootMessage(e));
    }
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).replaceAll("\\s+", " ");
  }

  static InvalidConfigurationPropertyValueException invalid(@Nullable Path file, String howToFix) {
    return new InvalidConfigurationPropertyValueException(PROPERTY, file, howToFix);
  }
}
