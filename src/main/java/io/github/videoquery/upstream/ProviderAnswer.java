package io.github.videoquery.upstream;

import io.github.videoquery.dialect.ProviderResponse;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.BodyRoom.NoRoomException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;

/**
 * A provider's HTTP response as far as it arrived.
 *
 * @param location where it redirects to
 * @param broken why its body is not whole; null if it is
 */
record ProviderAnswer(
    ProviderResponse response, @Nullable String location, @Nullable Refusal broken) {
  private static final byte[] EMPTY = {};

  /**
   * The answer with its body; {@link #broken} says why a body is not whole. Only a timeout and a
   * lack of memory are errors.
   */
  static Mono<ProviderAnswer> read(
      ClientResponse response, BodyReader bodies, BodyRoom room, TimeSource time) {
    HttpHeaders headers = response.headers().asHttpHeaders();
    int status = response.statusCode().value();
    Charset charset = charset(headers.getFirst(HttpHeaders.CONTENT_TYPE));
    Duration retryAfter = retryAfter(response.headers().header("Retry-After"), time.instant());
    String location = status / 100 == 3 ? headers.getFirst(HttpHeaders.LOCATION) : null;
    return bodies
        .read(response, room)
        .map(body -> new ProviderResponse(status, body, charset, retryAfter))
        .map(whole -> new ProviderAnswer(whole, location, null))
        .onErrorResume(
            e -> !CallFailure.isTimeout(e) && !(e instanceof NoRoomException),
            e ->
                Mono.just(
                    new ProviderAnswer(
                        new ProviderResponse(status, EMPTY, null, retryAfter),
                        location,
                        brokenBy(e))));
  }

  /** Null for UTF-8, for none, and for one that this JVM does not know. */
  private static @Nullable Charset charset(@Nullable String contentType) {
    if (contentType == null || !contentType.contains("charset")) {
      return null;
    }
    try {
      Charset charset = MediaType.parseMediaType(contentType).getCharset();
      return StandardCharsets.UTF_8.equals(charset) || StandardCharsets.US_ASCII.equals(charset)
          ? null
          : charset;
    } catch (IllegalArgumentException unknown) {
      return null;
    }
  }

  private static Refusal brokenBy(Throwable error) {
    if (error instanceof DataBufferLimitException) {
      return Refusal.TOO_LARGE;
    }
    return error instanceof IOException ? Refusal.CUT : Refusal.INVALID_RESPONSE;
  }

  /**
   * Delay seconds or an HTTP date (RFC 9110, section 10.2.3); anything else is as if it were not
   * there.
   */
  static @Nullable Duration retryAfter(List<String> values, Instant now) {
    if (values.isEmpty()) {
      return null;
    }
    String value = values.getFirst().strip();
    try {
      Duration delay =
          value.chars().allMatch(Character::isDigit)
              ? Duration.ofSeconds(Long.parseLong(value))
              : Duration.between(
                  now, ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
      return delay.isNegative() ? Duration.ZERO : delay;
    } catch (NumberFormatException | DateTimeException | ArithmeticException unreadable) {
      return null;
    }
  }
}
