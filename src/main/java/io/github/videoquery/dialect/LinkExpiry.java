package io.github.videoquery.dialect;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When a signed link dies, as the link itself says; the earliest, where it says so more than once.
 * Names of parameters are compared without case.
 *
 * <ul>
 *   <li>{@code x-VENDOR-date} and {@code x-VENDOR-expires}, seconds from then: Amazon, Google,
 *       Alibaba OSS, Volcengine TOS, Huawei OBS
 *   <li>{@code expires}, {@code e}, {@code exp} and the like: Unix seconds, milliseconds, or an ISO
 *       time
 *   <li>{@code se}: an ISO time, of Azure
 *   <li>{@code q-sign-time}, {@code q-key-time}: {@code from;to}, of Tencent COS
 *   <li>{@code auth_key}, {@code t} with {@code sign}, {@code wsTime}: times of CDNs, decimal or
 *       hexadecimal
 *   <li>{@code Policy}: CloudFront's JSON; a JSON web token's {@code exp}; Akamai's {@code exp=…~}
 *   <li>{@code authorization=bce-auth-v1/…/time/seconds/…}, of Baidu
 * </ul>
 */
final class LinkExpiry {
  private static final DateTimeFormatter BASIC_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** A shared access signature may leave out the seconds, or the time of day. */
  private static final DateTimeFormatter ISO_TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH:mm", "Z")
          .optionalEnd()
          .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
          .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
          .toFormatter(Locale.ROOT);

  private static final Set<String> UNTIL =
      Set.of(
          "expires",
          "expire",
          "expiry",
          "expiration",
          "exp",
          "e",
          "expires_at",
          "expiresat",
          "expire_time",
          "expiretime",
          "x-expires",
          "x-expire",
          "deadline",
          "valid_until",
          "validuntil",
          "valid_to",
          "validto",
          "not_after",
          "se",
          "expired",
          "expiry_time");
  private static final Set<String> FROM_TO = Set.of("q-sign-time", "q-key-time");
  private static final Set<String> CDN_TIMES = Set.of("wstime", "auth_key", "kstime", "txtime");
  private static final Pattern VENDOR_EXPIRES = Pattern.compile("(x-[a-z0-9]+-)expires");
  private static final Pattern EPOCH_IN_JSON =
      Pattern.compile("\"(?:AWS:EpochTime|exp)\"\\s*:\\s*(\\d{9,13})");
  private static final Pattern AKAMAI = Pattern.compile("(?:^|~)exp=(\\d{9,13})(?:~|$)");
  private static final Pattern BAIDU =
      Pattern.compile("bce-auth-v1/[^/]+/([^/]+)/(\\d{1,9})(?:/.*)?");
  private static final Pattern HEX_TIME = Pattern.compile("[0-9a-fA-F]{8}");
  private static final Pattern PARAMETERS_IN_PATH = Pattern.compile("/[^/?]*\\bexpires=[^/?]*");

  private static final long FIRST_SECOND = 1_000_000_000L; // 2001: what is less is a duration
  private static final long FIRST_MILLISECOND = 100_000_000_000L;
  private static final long LAST_MILLISECOND = 100_000_000_000_000L;

  private LinkExpiry() {}

  static Optional<Instant> of(String link) {
    if (link.indexOf('=') < 0) {
      return Optional.empty();
    }
    Map<String, String> parameters = parameters(link);
    return parameters.entrySet().stream()
        .flatMap(parameter -> times(parameter.getKey(), parameter.getValue(), parameters))
        .min(Instant::compareTo);
  }

  /** A time in one of the forms that hosts use: seconds, milliseconds, ISO 8601. */
  static @Nullable Instant time(String value) {
    try {
      String text = value.strip();
      if (text.matches("\\d{1,15}(\\.\\d+)?")) {
        long number = Long.parseLong(text.replaceFirst("\\..*", ""));
        if (number < FIRST_SECOND || number >= LAST_MILLISECOND) {
          return null;
        }
        return number < FIRST_MILLISECOND
            ? Instant.ofEpochSecond(number)
            : Instant.ofEpochMilli(number);
      }
      return text.matches("\\d{8}T\\d{6}Z")
          ? BASIC_TIME.parse(text, Instant::from)
          : ISO_TIME.parse(text.replace(' ', 'T'), Instant::from);
    } catch (DateTimeException | ArithmeticException unreadable) {
      return null;
    }
  }

  private static Stream<Instant> times(String name, String value, Map<String, String> parameters) {
    Matcher vendor = VENDOR_EXPIRES.matcher(name);
    if (vendor.matches()) {
      return sum(parameters.get(vendor.group(1) + "date"), value);
    }
    if (UNTIL.contains(name)) {
      return Stream.ofNullable(time(value));
    }
    if (FROM_TO.contains(name)) {
      return Stream.ofNullable(time(value.substring(value.indexOf(';') + 1)));
    }
    if (CDN_TIMES.contains(name) || (name.equals("t") && parameters.containsKey("sign"))) {
      return Stream.ofNullable(cdnTime(value.replaceFirst("-.*", "")));
    }
    Matcher baidu = BAIDU.matcher(value);
    if (baidu.matches()) {
      return sum(baidu.group(1), baidu.group(2));
    }
    Matcher akamai = AKAMAI.matcher(value);
    if (akamai.find()) {
      return Stream.ofNullable(time(akamai.group(1)));
    }
    return name.equals("policy") || value.startsWith("eyJ") ? inJson(name, value) : Stream.empty();
  }

  private static Stream<Instant> sum(@Nullable String from, String seconds) {
    Instant start = from == null ? null : time(from);
    return start == null || !seconds.matches("\\d{1,9}")
        ? Stream.empty()
        : Stream.of(start.plusSeconds(Long.parseLong(seconds)));
  }

  private static @Nullable Instant cdnTime(String value) {
    Instant decimal = time(value);
    return decimal == null && HEX_TIME.matcher(value).matches()
        ? Instant.ofEpochSecond(Long.parseLong(value, 16))
        : decimal;
  }

  /** CloudFront writes base64 with characters of its own; a token's parts are joined by dots. */
  private static Stream<Instant> inJson(String name, String value) {
    String base64 =
        name.equals("policy")
            ? value.replace('-', '+').replace('_', '=').replace('~', '/')
            : value.replace('-', '+').replace('_', '/');
    return Stream.of(base64.split("\\.", -1))
        .map(LinkExpiry::decoded)
        .flatMap(json -> EPOCH_IN_JSON.matcher(json).results())
        .flatMap(found -> Stream.ofNullable(time(found.group(1))));
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException noBase64) {
      return "";
    }
  }

  private static Map<String, String> parameters(String link) {
    Map<String, String> parameters = new HashMap<>();
    int fragment = link.indexOf('#');
    String whole = fragment < 0 ? link : link.substring(0, fragment);
    int query = whole.indexOf('?');
    if (query >= 0) {
      addParameters(whole.substring(query + 1), parameters);
    }
    PARAMETERS_IN_PATH
        .matcher(query < 0 ? whole : whole.substring(0, query))
        .results()
        .forEach(found -> addParameters(found.group().substring(1), parameters));
    return parameters;
  }

  private static void addParameters(String query, Map<String, String> parameters) {
    for (String parameter : query.split("[&;](?!\\d)", -1)) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        parameters.putIfAbsent(
            decode(parameter.substring(0, equals)).toLowerCase(Locale.ROOT),
            decode(parameter.substring(equals + 1)));
      }
    }
  }

  private static String decode(String text) {
    try {
      return text.indexOf('%') < 0
          ? text
          : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }
}
