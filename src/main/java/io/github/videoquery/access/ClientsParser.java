package io.github.videoquery.access;

import io.github.videoquery.access.Clients.Listed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Reads the clients file. The file holds no key, but hashes of keys. */
final class ClientsParser {
  private static final String PROPERTY = "gateway.access.clients-file";
  private static final Pattern HASH = Pattern.compile("sha256:([0-9a-f]{64})");

  private ClientsParser() {}

  /**
   * @param withKeys whether each client is to be known by a key
   * @throws InvalidConfigurationPropertyValueException with a sentence that says how to fix the
   *     file
   */
  static Clients parse(byte[] yaml, Path file, boolean withKeys, RateLimiters limiters) {
    try {
      return parse(yaml, withKeys, limiters);
    } catch (IllegalArgumentException e) {
      throw invalid(file, String.valueOf(e.getMessage()));
    }
  }

  static InvalidConfigurationPropertyValueException invalid(@Nullable Path file, String howToFix) {
    return new InvalidConfigurationPropertyValueException(PROPERTY, file, howToFix);
  }

  private static Clients parse(byte[] yaml, boolean withKeys, RateLimiters limiters) {
    Map<String, Listed> byHash = new HashMap<>();
    Map<String, Listed> byName = new HashMap<>();
    for (ClientEntry entry : read(yaml, withKeys)) {
      RateLimiter limiter = limiters.of(entry.name(), entry.rate());
      var client =
          new Listed(
              new Client(entry.name(), entry.models(), limiter), entry.expires(), entry.allTasks());
      if (byName.putIfAbsent(entry.name(), client) != null) {
        throw ClientEntry.refusal(entry.name(), "it is listed twice. Give one entry all its keys.");
      }
      if (withKeys) {
        addKeys(byHash, entry, client);
      }
    }
    if (withKeys && byHash.isEmpty()) {
      throw new IllegalArgumentException("The file lists no client with a key under 'clients:'.");
    }
    return new Clients(byHash, byName);
  }

  private static void addKeys(Map<String, Listed> byHash, ClientEntry entry, Listed client) {
    if (entry.keys().isEmpty()) {
      throw ClientEntry.refusal(entry.name(), "it has no keys.");
    }
    for (String key : entry.keys()) {
      Matcher hash = HASH.matcher(key);
      if (!hash.matches()) {
        throw ClientEntry.refusal(
            entry.name(),
            "write each key as \"sha256:\" and the 64 lower-case hex digits of its SHA-256.");
      }
      if (byHash.putIfAbsent(hash.group(1), client) != null) {
        throw ClientEntry.refusal(entry.name(), "it shares a key with another entry.");
      }
    }
  }

  private static List<ClientEntry> read(byte[] yaml, boolean withKeys) {
    var document = new ClientsYaml();
    return switch (document.read(yaml, "clients").get("clients")) {
      case null -> nobody(withKeys);
      case String text when text.isBlank() -> nobody(withKeys);
      case List<?> entries ->
          entries.stream().map(entry -> ClientEntry.read(document, entry, withKeys)).toList();
      default ->
          throw new IllegalArgumentException(
              "The file cannot be read: the clients are a list; begin each with '- name:'.");
    };
  }

  /** In mode {@code jwt} a client needs no entry. */
  private static List<ClientEntry> nobody(boolean withKeys) {
    if (withKeys) {
      throw new IllegalArgumentException("The file has nothing under 'clients:'.");
    }
    return List.of();
  }
}
