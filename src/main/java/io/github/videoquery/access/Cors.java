package io.github.videoquery.access;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.util.Callback;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The origins whose pages may send queries. Cookies are not used: a page sends its key in the
 * header {@code Authorization}, so {@code Access-Control-Allow-Credentials} is never sent.
 *
 * @param allowedOrigins origins, {@code https://app.example.com}, or {@code *} for all
 * @param allowedOriginPatterns origins with {@code *} for any part: {@code https://*.example.com}
 */
record Cors(
    @DefaultValue List<String> allowedOrigins, @DefaultValue List<String> allowedOriginPatterns) {
  private static final String ANY = "*";

  /** An origin as browsers send it: no path, no trailing slash (RFC 6454, section 6.2). */
  private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#@\\s]+");

  private static final Set<String> METHODS = Set.of("GET", "HEAD");

  private static final String ASKED_HEADERS = "Access-Control-Request-Headers";
  private static final int MAX_ASKED_HEADERS = 100;

  /** The name of a header field (RFC 9110, section 5.1). */
  private static final Pattern FIELD_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final Set<String> EXPOSED =
      Set.of(
          "Age",
          "Cache-Status",
          "ETag",
          "Preference-Applied",
          "RateLimit",
          "RateLimit-Policy",
          "Retry-After",
          "WWW-Authenticate",
          "X-Request-Id");

  private static final Duration PREFLIGHT_MAX_AGE = Duration.ofHours(1);

  Cors {
    allowedOrigins.forEach(origin -> check("cors.allowed-origins", origin));
    allowedOriginPatterns.forEach(pattern -> check("cors.allowed-origin-patterns", pattern));
  }

  private static void check(String property, String origin) {
    if (!origin.equals(ANY) && !ORIGIN.matcher(origin).matches()) {
      throw AccessSettings.invalid(
          property,
          origin,
          "Give origins like https://app.example.com, without a path or a slash.");
    }
  }

  /** Answers preflights, and gives pages of allowed origins the right to read every answer. */
  CrossOriginHandler handler() {
    var handler = new EchoingHandler();
    handler.setAllowedOriginPatterns(
        allowedOrigins.contains(ANY) || allowedOriginPatterns.contains(ANY)
            ? Set.of(ANY)
            : Stream.concat(
                    allowedOrigins.stream().map(Pattern::quote),
                    allowedOriginPatterns.stream().map(Cors::expression))
                .collect(Collectors.toUnmodifiableSet()));
    handler.setAllowedMethods(METHODS);
    handler.setExposedHeaders(EXPOSED);
    handler.setPreflightMaxAge(PREFLIGHT_MAX_AGE);
    return handler;
  }

  /**
   * Lets any page read why a request could not be read, if pages may send queries at all: its
   * origin is not known then, and the answer holds no data.
   */
  List<HttpField> fieldsOfUnreadRequests() {
    return allowedOrigins.isEmpty() && allowedOriginPatterns.isEmpty()
        ? List.of()
        : List.of(new PreEncodedHttpField(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, ANY));
  }

  /**
   * Allows the request fields that a preflight asks for: scripts for tracing and analytics add
   * their own, and none reaches the provider. A {@code *} would leave out {@code Authorization}
   * (Fetch standard, section 4.9).
   */
  private static final class EchoingHandler extends CrossOriginHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      boolean isPreflight =
          request.getMethod().equals("OPTIONS") && request.getHeaders().contains(ASKED_HEADERS);
      return super.handle(
          request, response, isPreflight ? new Echo(request, response, callback) : callback);
    }
  }

  private static final class Echo extends Callback.Nested {
    private final Request request;
    private final Response response;

    Echo(Request request, Response response, Callback callback) {
      super(callback);
      this.request = request;
      this.response = response;
    }

    @Override
    public void succeeded() {
      HttpFields.Mutable fields = response.getHeaders();
      if (fields.contains(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN) && !response.isCommitted()) {
        fields.put(
            HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS,
            FieldValues.of(request.getHeaders(), ASKED_HEADERS)
                .filter(name -> FIELD_NAME.matcher(name).matches())
                .limit(MAX_ASKED_HEADERS)
                .collect(Collectors.joining(",")));
      }
      super.succeeded();
    }
  }

  private static String expression(String pattern) {
    return Stream.of(pattern.split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining("[^/]*"));
  }
}
