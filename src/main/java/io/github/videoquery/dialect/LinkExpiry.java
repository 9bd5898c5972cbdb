package io.github.videoquery.dialect;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When a signed link expires, read from the link itself; the earliest time, if it has several.
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

  private LinkExpiry() {}

  static Optional<Instant> of(String link) {
    if (link.indexOf('=') < 0) {
      return Optional.empty();
    }
    Map<String, String> parameters = LinkParameters.of(link);
    return parameters.entrySet().stream()
        .flatMap(parameter -> times(parameter.getKey(), parameter.getValue(), parameters))
        .min(Instant::compareTo);
  }

  private static Stream<Instant> times(String name, String value, Map<String, String> parameters) {
    Matcher vendor = VENDOR_EXPIRES.matcher(name);
    if (vendor.matches()) {
      return sum(parameters.get(vendor.group(1) + "date"), value);
    }
    if (UNTIL.contains(name)) {
      return Stream.ofNullable(StatedTime.of(value));
    }
    if (FROM_TO.contains(name)) {
      return Stream.ofNullable(StatedTime.of(value.substring(value.indexOf(';') + 1)));
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
      return Stream.ofNullable(StatedTime.of(akamai.group(1)));
    }
    return name.equals("policy") || value.startsWith("eyJ") ? inJson(name, value) : Stream.empty();
  }

  private static Stream<Instant> sum(@Nullable String from, String seconds) {
    Instant start = from == null ? null : StatedTime.of(from);
    return start == null || !seconds.matches("\\d{1,9}")
        ? Stream.empty()
        : Stream.of(start.plusSeconds(Long.parseLong(seconds)));
  }

  private static @Nullable Instant cdnTime(String value) {
    Instant decimal = StatedTime.of(value);
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
        .flatMap(found -> Stream.ofNullable(StatedTime.of(found.group(1))));
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException noBase64) {
      return "";
    }
  }
}
