package io.github.videoquery.dialect;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A time in one of the forms that hosts use. */
final class StatedTime {
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

  private static final long FIRST_SECOND = 1_000_000_000L; // 2001: what is less is a duration
  private static final long FIRST_MILLISECOND = 100_000_000_000L;
  private static final long LAST_MILLISECOND = 100_000_000_000_000L;

  private StatedTime() {}

  /** The time: seconds or milliseconds of the Unix epoch, or ISO 8601; null if it is none. */
  static @Nullable Instant of(String value) {
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
}
