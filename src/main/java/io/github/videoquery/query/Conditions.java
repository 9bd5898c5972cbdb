package io.github.videoquery.query;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ETag;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What a request says about the answer it can use (RFC 9110, sections 12 and 13). */
final class Conditions {
  private Conditions() {}

  /** Whether the caller has this body already, in either encoding. */
  static boolean has(HttpServletRequest request, String tag) {
    String ifNoneMatch = field(request, "If-None-Match");
    if (ifNoneMatch == null) {
      return false;
    }
    for (ETag candidate : ETag.parse(ifNoneMatch)) {
      String known = candidate.tag();
      if (candidate.isWildcard()
          || known.equals(tag)
          || known.equals(tag + ReplyRenderer.GZIP_TAG)) {
        return true;
      }
    }
    return false;
  }

  /** A field that cannot be read accepts nothing special. */
  static boolean acceptsGzip(HttpServletRequest request) {
    String accepted = field(request, "Accept-Encoding");
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

  static boolean acceptsJson(HttpServletRequest request) {
    String accept = field(request, "Accept");
    if (accept == null || accept.equals("*/*") || accept.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return true;
    }
    try {
      List<MediaType> types = MediaType.parseMediaTypes(accept);
      return types.isEmpty()
          || types.stream()
              .anyMatch(
                  type -> type.getQualityValue() > 0 && type.includes(MediaType.APPLICATION_JSON));
    } catch (InvalidMediaTypeException malformed) {
      return false;
    }
  }

  /** The field's value, its lines combined (RFC 9110, section 5.3). */
  private static @Nullable String field(HttpServletRequest request, String name) {
    Enumeration<String> lines = request.getHeaders(name);
    if (!lines.hasMoreElements()) {
      return null;
    }
    String first = lines.nextElement();
    return lines.hasMoreElements()
        ? first + ", " + String.join(", ", Collections.list(lines))
        : first;
  }
}
