package io.github.videoquery.query;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.springframework.http.ETag;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What a request says about the answer it can use (RFC 9110, sections 12 and 13). */
final class Conditions {
  private Conditions() {}

  /** Whether the caller has this body already, in either encoding. */
  static boolean has(HttpServletRequest request, String tag) {
    String ifNoneMatch = request.getHeader("If-None-Match");
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

  static boolean acceptsGzip(HttpServletRequest request) {
    String accepted = request.getHeader("Accept-Encoding");
    if (accepted == null || accepted.equals("identity")) {
      return false;
    }
    if (accepted.equals("gzip")) {
      return true;
    }
    var parsed = new QuotedQualityCSV();
    parsed.addValue(accepted.toLowerCase(Locale.ROOT));
    List<String> codings = parsed.getValues();
    return codings.contains("gzip")
        || (codings.contains("*") && !accepted.toLowerCase(Locale.ROOT).contains("gzip"));
  }

  static boolean acceptsJson(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
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
}
