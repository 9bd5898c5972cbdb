package io.github.videoquery.query;

import io.github.videoquery.task.Body;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ETag;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What a request says about the answer it can use (RFC 9110, sections 12 and 13). */
final class Conditions {
  /** Of two ranges that are alike but for their parameters, the one with the greater weight. */
  private static final Comparator<MediaType> BY_SPECIFICITY =
      Comparator.comparing(MediaType::isConcrete)
          .thenComparing(range -> !range.isWildcardType())
          .thenComparingDouble(MediaType::getQualityValue);

  private Conditions() {}

  /** Whether the caller has this body already, in any encoding: see {@link Body#newsOf}. */
  static boolean has(@Nullable String ifNoneMatch, String tag) {
    return matches(ifNoneMatch, known -> known.startsWith(tag));
  }

  /** Whether the caller has an answer with the same {@link Body#news()}, in any encoding. */
  static boolean hasNews(@Nullable String ifNoneMatch, String news) {
    return matches(ifNoneMatch, known -> news.equals(Body.newsOf(known)));
  }

  private static boolean matches(@Nullable String ifNoneMatch, Predicate<String> isSame) {
    if (ifNoneMatch == null) {
      return false;
    }
    List<ETag> candidates = ETag.parse(ifNoneMatch);
    return candidates.isEmpty() // some clients take the quotes off
        ? isSame.test(ifNoneMatch.strip())
        : candidates.stream().anyMatch(tag -> tag.isWildcard() || isSame.test(tag.tag()));
  }

  /** A field that cannot be read accepts nothing special. */
  static boolean acceptsGzip(@Nullable String accepted) {
    if (accepted == null || accepted.equals("identity")) {
      return false;
    }
    if (accepted.equals("gzip")) {
      return true;
    }
    String lowerCase = accepted.toLowerCase(Locale.ROOT);
    try {
      var parsed = new QuotedQualityCSV();
      parsed.addValue(lowerCase);
      List<String> codings = parsed.getValues();
      return codings.contains("gzip") || (codings.contains("*") && !lowerCase.contains("gzip"));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  static boolean acceptsJson(HttpFields request) {
    String accept = field(request, HttpHeader.ACCEPT);
    return accept == null
        || accept.equals("*/*")
        || accept.equals(MediaType.APPLICATION_JSON_VALUE)
        || quality(MediaType.APPLICATION_JSON, accept) > 0;
  }

  /** Whether the caller would rather have a stream of events than JSON. */
  static boolean prefersEvents(HttpFields request) {
    String accept = field(request, HttpHeader.ACCEPT);
    return accept != null
        && accept.toLowerCase(Locale.ROOT).contains(MediaType.TEXT_EVENT_STREAM_VALUE)
        && quality(MediaType.TEXT_EVENT_STREAM, accept)
            > quality(MediaType.APPLICATION_JSON, accept);
  }

  /** The weight of the most specific range that includes the type (RFC 9110, section 12.5.1). */
  private static double quality(MediaType type, String accept) {
    try {
      List<MediaType> ranges = MediaType.parseMediaTypes(accept);
      if (ranges.isEmpty()) {
        return 1;
      }
      return ranges.stream()
          .filter(range -> range.includes(type))
          .max(BY_SPECIFICITY)
          .map(MediaType::getQualityValue)
          .orElse(0.0);
    } catch (InvalidMediaTypeException malformed) {
      return 0;
    }
  }

  /** The field's value, its lines combined (RFC 9110, section 5.3). */
  static @Nullable String field(HttpFields request, HttpHeader name) {
    String value = null;
    for (HttpField field : request) {
      if (field.getHeader() == name) {
        value = value == null ? field.getValue() : value + ", " + field.getValue();
      }
    }
    return value;
  }
}
