package io.github.videoquery.query;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * What of a request decides how an answer is rendered.
 *
 * @param ifNoneMatch the entity tags that the caller has (RFC 9110, section 13.1.2)
 * @param acceptEncoding the codings that it can read (RFC 9110, section 12.5.3)
 */
record RequestFields(String method, @Nullable String ifNoneMatch, @Nullable String acceptEncoding) {

  static RequestFields of(Request request) {
    return new RequestFields(
        request.getMethod(),
        Conditions.field(request.getHeaders(), HttpHeader.IF_NONE_MATCH),
        Conditions.field(request.getHeaders(), HttpHeader.ACCEPT_ENCODING));
  }

  /** The same of a servlet's request. */
  static RequestFields of(HttpServletRequest request) {
    return new RequestFields(
        request.getMethod(),
        combined(request.getHeaders("If-None-Match")),
        combined(request.getHeaders("Accept-Encoding")));
  }

  /** A field's lines as one value (RFC 9110, section 5.3). */
  private static @Nullable String combined(Enumeration<String> lines) {
    String value = null;
    while (lines.hasMoreElements()) {
      value = value == null ? lines.nextElement() : value + ", " + lines.nextElement();
    }
    return value;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  /** Whether the caller has this body already, in either encoding. */
  boolean has(String tag) {
    return Conditions.has(ifNoneMatch, tag);
  }

  /** Whether the caller has an answer with the same news. */
  boolean hasNews(String news) {
    return Conditions.hasNews(ifNoneMatch, news);
  }

  boolean acceptsGzip() {
    return Conditions.acceptsGzip(acceptEncoding);
  }
}
