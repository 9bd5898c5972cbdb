package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.upstream.BodyReader.NoRoomException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;

/** A provider's HTTP answer as far as it arrived. */
@SuppressWarnings("ArrayRecordComponent") // travels from one method to the next; never compared
record UpstreamAnswer(
    int status, @Nullable Duration retryAfter, byte[] body, @Nullable Refusal broken) {
  private static final byte[] EMPTY = {};

  /**
   * The answer with its body, whatever becomes of the body; a deadline that passes and want of room
   * are errors.
   */
  static Mono<UpstreamAnswer> read(
      ClientResponse response, BodyReader bodies, BodyReader.Room room) {
    int status = response.statusCode().value();
    Duration retryAfter = retryAfter(response.headers().header("Retry-After"), Instant.now());
    return bodies
        .read(response, room)
        .map(body -> new UpstreamAnswer(status, retryAfter, body, null))
        .onErrorResume(
            e -> !UpstreamTrouble.isTimeout(e) && !(e instanceof NoRoomException),
            e -> Mono.just(new UpstreamAnswer(status, retryAfter, EMPTY, brokenBy(e))));
  }

  /**
   * @param asked the task that the answer has to be about; null if that is not to be looked at
   */
  TaskReply classified(@Nullable TaskId asked, Consumer<AnswerFields> onTask) {
    return broken != null && status / 100 == 2
        ? new Refused(broken, status, null)
        : ReplyClassifier.classify(status, body, retryAfter, asked, onTask);
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
