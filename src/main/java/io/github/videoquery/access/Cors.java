package io.github.videoquery.access;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
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

  private static final Set<String> REQUEST_HEADERS =
      Set.of(
          "Accept",
          "Authorization",
          "Cache-Control",
          "Content-Type",
          "If-None-Match",
          "Last-Event-ID",
          "Prefer",
          "X-Request-Id",
          "traceparent",
          "tracestate");

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
    var handler = new CrossOriginHandler();
    handler.setAllowedOriginPatterns(
        allowedOrigins.contains(ANY) || allowedOriginPatterns.contains(ANY)
            ? Set.of(ANY)
            : Stream.concat(
                    allowedOrigins.stream().map(Pattern::quote),
                    allowedOriginPatterns.stream().map(Cors::expression))
                .collect(Collectors.toUnmodifiableSet()));
    handler.setAllowedMethods(METHODS);
    handler.setAllowedHeaders(REQUEST_HEADERS);
    handler.setExposedHeaders(EXPOSED);
    handler.setPreflightMaxAge(PREFLIGHT_MAX_AGE);
    return handler;
  }

  private static String expression(String pattern) {
    return Stream.of(pattern.split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining("[^/]*"));
  }
}
