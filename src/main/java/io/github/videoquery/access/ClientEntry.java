package io.github.videoquery.access;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the clients file.
 *
 * @param models null if it does not name them: all; empty: none
 * @param allTasks whether its tokens need not name tasks, in mode {@code jwt}
 */
record ClientEntry(
    String name,
    List<String> keys,
    @Nullable List<String> models,
    @Nullable Rate rate,
    @Nullable Instant expires,
    boolean allTasks) {
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

  /**
   * @param node the entry in the document
   * @param withKeys whether the file names the clients, and not the issuer of tokens
   * @throws IllegalArgumentException with a sentence that says how to fix it
   */
  static ClientEntry read(ClientsYaml document, @Nullable Object node, boolean withKeys) {
    YamlFields fields =
        document.fields(
            node instanceof Map<?, ?> entry && entry.get("name") instanceof String name
                ? "Client " + name
                : "An entry",
            node,
            "name",
            "keys",
            "models",
            "rate",
            "expires",
            "all-tasks");
    String name = Objects.requireNonNullElse(fields.text("name"), "");
    requireName(name, withKeys);
    return new ClientEntry(
        name,
        Objects.requireNonNullElse(fields.texts("keys"), List.of()),
        models(fields, name),
        fields.has("rate") ? rate(document, fields, name) : null,
        expires(fields, name),
        allTasks(fields, name));
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
  private static @Nullable List<String> models(YamlFields fields, String name) {
    if (fields.isEmpty("models")) {
      throw refusal(
          name, "its models have no value. Leave the line out for all, or write [] for none.");
    }
    return fields.texts("models");
  }

  private static boolean allTasks(YamlFields fields, String name) {
    return switch (fields.text("all-tasks")) {
      case "true" -> true;
      case "false" -> false;
      case null -> false;
      default -> throw refusal(name, "write all-tasks as true or false.");
    };
  }

  private static Rate rate(ClientsYaml document, YamlFields fields, String name) {
    if (fields.isEmpty("rate")) {
      throw refusal(name, RATE_FORM);
    }
    YamlFields given =
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

  private static @Nullable Instant expires(YamlFields fields, String name) {
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

  /** The refusal of one client's entry. */
  static IllegalArgumentException refusal(String client, String why) {
    return new IllegalArgumentException("Client " + client + ": " + why);
  }
}
