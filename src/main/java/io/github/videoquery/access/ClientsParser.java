package io.github.videoquery.access;

import io.github.videoquery.access.Clients.Listed;
import io.github.videoquery.access.ClientsYaml.Fields;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Reads the clients file. The file holds no key, but hashes of keys. */
final class ClientsParser {
  private static final String PROPERTY = "gateway.access.clients-file";
  private static final Pattern HASH = Pattern.compile("sha256:([0-9a-f]{64})");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final String RATE_FORM =
      "give its rate as {per-second: 5, burst: 10}: per-second above 0, up to 1,000,000, and a"
          + " whole burst of 1 or more.";
  private static final Set<Integer> UNPRINTABLE =
      Stream.of(
              Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR)
          .map(Byte::intValue)
          .collect(Collectors.toSet());

  private ClientsParser() {}

  /**
   * One entry of the file.
   *
   * @param models null if it does not name them: all; empty: none
   */
  private record Entry(
      String name,
      List<String> keys,
      @Nullable List<String> models,
      @Nullable Rate rate,
      @Nullable Instant expires) {}

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
    for (Entry entry : read(yaml, withKeys)) {
      RateLimiter limiter = limiters.of(entry.name(), entry.rate());
      var client = new Listed(new Client(entry.name(), entry.models(), limiter), entry.expires());
      if (byName.putIfAbsent(entry.name(), client) != null) {
        throw refusal(entry.name(), "it is listed twice. Give one entry all its keys.");
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

  private static void addKeys(Map<String, Listed> byHash, Entry entry, Listed client) {
    if (entry.keys().isEmpty()) {
      throw refusal(entry.name(), "it has no keys.");
    }
    for (String key : entry.keys()) {
      Matcher hash = HASH.matcher(key);
      if (!hash.matches()) {
        throw refusal(
            entry.name(),
            "write each key as \"sha256:\" and the 64 lower-case hex digits of its SHA-256.");
      }
      if (byHash.putIfAbsent(hash.group(1), client) != null) {
        throw refusal(entry.name(), "it shares a key with another entry.");
      }
    }
  }

  private static List<Entry> read(byte[] yaml, boolean withKeys) {
    var document = new ClientsYaml();
    return switch (document.read(yaml, "clients").get("clients")) {
      case null -> nobody(withKeys);
      case String text when text.isBlank() -> nobody(withKeys);
      case List<?> entries ->
          entries.stream().map(entry -> entry(document, entry, withKeys)).toList();
      default ->
          throw new IllegalArgumentException(
              "The file cannot be read: the clients are a list; begin each with '- name:'.");
    };
  }

  /** In mode {@code jwt} a client needs no entry. */
  private static List<Entry> nobody(boolean withKeys) {
    if (withKeys) {
      throw new IllegalArgumentException("The file has nothing under 'clients:'.");
    }
    return List.of();
  }

  private static Entry entry(ClientsYaml document, @Nullable Object node, boolean withKeys) {
    Fields fields =
        document.fields(
            node instanceof Map<?, ?> entry && entry.get("name") instanceof String name
                ? "Client " + name
                : "An entry",
            node,
            "name",
            "keys",
            "models",
            "rate",
            "expires");
    String name = Objects.requireNonNullElse(fields.text("name"), "");
    requireName(name, withKeys);
    return new Entry(
        name,
        Objects.requireNonNullElse(fields.texts("keys"), List.of()),
        models(fields, name),
        fields.has("rate") ? rate(document, fields, name) : null,
        expires(fields, name));
  }

  /** In mode {@code jwt} the issuer chooses the names. */
  private static void requireName(String name, boolean withKeys) {
    if (withKeys && !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "Each client needs a name of 1 to 64 letters, digits, dots, dashes or underscores.");
    }
    boolean isPrintable =
        name.codePoints().noneMatch(c -> UNPRINTABLE.contains(Character.getType(c)));
    if (name.isBlank() || name.length() > JwtAuthenticator.MAX_NAME_LENGTH || !isPrintable) {
      throw new IllegalArgumentException(
          "Each client needs a name of 1 to 256 printable characters.");
    }
  }

  /** Without a value, nobody can tell whether all are meant or none. */
  private static @Nullable List<String> models(Fields fields, String name) {
    if (fields.isEmpty("models")) {
      throw refusal(
          name, "its models have no value. Leave the line out for all, or write [] for none.");
    }
    return fields.texts("models");
  }

  private static Rate rate(ClientsYaml document, Fields fields, String name) {
    if (fields.isEmpty("rate")) {
      throw refusal(name, RATE_FORM);
    }
    Fields given =
        document.fields("Client " + name + ": its rate", fields.get("rate"), "per-second", "burst");
    try {
      var rate =
          new Rate(
              number(given.text("per-second")).doubleValue(),
              number(given.text("burst")).intValueExact());
      if (rate.isValid()) {
        return rate;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // the same sentence
    }
    throw refusal(name, RATE_FORM);
  }

  private static BigDecimal number(@Nullable String text) {
    return new BigDecimal(String.valueOf(text).strip().replace("_", ""));
  }

  private static @Nullable Instant expires(Fields fields, String name) {
    String expires = fields.isEmpty("expires") ? null : fields.text("expires");
    try {
      return expires == null ? null : Instant.parse(expires);
    } catch (DateTimeParseException e) {
      throw refusal(
          name,
          "write expires as a date and a time with its zone, like 2027-01-31T18:00:00Z, not "
              + expires
              + ".");
    }
  }

  private static IllegalArgumentException refusal(String client, String why) {
    return new IllegalArgumentException("Client " + client + ": " + why);
  }
}
