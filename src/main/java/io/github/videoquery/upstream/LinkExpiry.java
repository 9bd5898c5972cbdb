package io.github.videoquery.upstream;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * When a signed video link dies, as the link itself says: {@code X-Amz-Date} + {@code
 * X-Amz-Expires} (also Google's {@code X-Goog-…}), {@code Expires=} or {@code e=} (unix seconds),
 * {@code se=} (ISO time).
 */
final class LinkExpiry {
  private static final DateTimeFormatter AMZ_DATE =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** A shared access signature may leave out the seconds, or the time of day. */
  private static final DateTimeFormatter SAS_TIME =
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

  private LinkExpiry() {}

  static Optional<Instant> of(String link) {
    if (link.indexOf('?') < 0) {
      return Optional.empty();
    }
    try {
      return ofParameters(UriComponentsBuilder.fromUriString(link).build().getQueryParams());
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> ofParameters(MultiValueMap<String, String> parameters) {
    for (String signer : new String[] {"X-Amz-", "X-Goog-"}) {
      String date = parameters.getFirst(signer + "Date");
      String seconds = parameters.getFirst(signer + "Expires");
      if (date != null && seconds != null) {
        return Optional.of(
            AMZ_DATE.parse(date, Instant::from).plusSeconds(Long.parseLong(seconds)));
      }
    }
    String azure = parameters.getFirst("se");
    if (azure != null) {
      return Optional.of(
          SAS_TIME.parse(URLDecoder.decode(azure, StandardCharsets.UTF_8), Instant::from));
    }
    String unixSeconds = firstOf(parameters, "Expires", "e");
    return unixSeconds == null
        ? Optional.empty()
        : Optional.of(Instant.ofEpochSecond(Long.parseLong(unixSeconds)));
  }

  private static @Nullable String firstOf(
      MultiValueMap<String, String> parameters, String name, String otherwise) {
    String value = parameters.getFirst(name);
    return value != null ? value : parameters.getFirst(otherwise);
  }
}
