package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every status, trap and error on the provider's page, one row each, fed by its own example. */
class ReplyClassifierTest {
  private static final ReplyClassifier CLASSIFIER = new ReplyClassifier(Dialect.STANDARD);
  private static final String EXAMPLE = example();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'id':'a','status':'completed'}|true",
        "{'code':'success','data':{'task_id':'a','status':'SUCCESS','progress':'100%'}}|true",
        "{'id':'a','status':'completed','video_url':null,'detail':{'running':false}}|true",
        "{'id':'a','status':'completed','detail':{'running':true}}|false",
        "{'id':'a','status':'completed','running':true}|false",
        "{'id':'a','status':'queued'}|false",
        "{'id':'a','status':'unheard_of'}|false",
      })
  void finishedTaskWithoutALink_isUnfinished_andLacksIt(String json, boolean lacksLink) {
    assertThat(classify(200, json.replace('\'', '"')))
        .isInstanceOfSatisfying(
            Unfinished.class,
            unfinished -> assertThat(unfinished.lacksLink()).isEqualTo(lacksLink));
  }

  @Test
  void finishedTaskWithoutALink_tellsWhenItWasCompleted() {
    assertThat(
            classify(
                200,
                "{\"id\":\"a\",\"status\":\"completed\",\"detail\":{\"completed_at\":1770350328994}}"))
        .isInstanceOfSatisfying(
            Unfinished.class,
            unfinished ->
                assertThat(unfinished.completedAt())
                    .isEqualTo(Instant.ofEpochMilli(1770350328994L)));
  }

  @Test
  void example_isFinished_despiteItsLeftoverErrors() {
    TaskReply reply = classify(200, EXAMPLE);

    assertThat(reply)
        .isInstanceOfSatisfying(
            Finished.class,
            finished -> {
              assertThat(finished.status()).isEqualTo("completed");
              assertThat(finished.createdAt()).isEqualTo(Instant.ofEpochMilli(1770350082099L));
              assertThat(finished.completedAt()).isEqualTo(Instant.ofEpochMilli(1770350328994L));
              assertThat(finished.linkExpiresAt()).isNull();
            });
  }

  @Test
  void body_isKeptByteForByte() {
    byte[] bytes = EXAMPLE.getBytes(StandardCharsets.UTF_8);

    TaskReply reply =
        CLASSIFIER.classify(new ProviderResponse(200, bytes, null, null), null).reply();

    assertThat(((Known) reply).body().bytes()).isSameAs(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"completed", "success", "SUCCESS", "succeeded", "Ready", "COMPLETED"})
  void finishedStatus_isFinished_withALink(String status) {
    assertThat(classify(200, exampleWithStatus(status))).isInstanceOf(Finished.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"completed", "success", "SUCCESS", "succeeded", "Ready"})
  void finishedStatus_isUnfinished_withoutALink(String status) {
    assertThat(classify(200, "{\"status\":\"" + status + "\",\"video_url\":null}"))
        .isInstanceOf(Unfinished.class);
    assertThat(
            classify(
                200,
                "{\"status\":\""
                    + status
                    + "\",\"video_url\":\"\",\"detail\":{\"video_url\":\"\"}}"))
        .isInstanceOf(Unfinished.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"failed", "FAILURE", "failure", "error", "cancelled", "expired", "Failed"})
  void failedStatus_isFailed_unlessRunning(String status) {
    assertThat(classify(200, exampleWithStatus(status))).isInstanceOf(Failed.class);
    assertThat(
            classify(
                200, exampleWithStatus(status).replace("\"running\": false", "\"running\": true")))
        .isInstanceOf(Unfinished.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pending",
        "image_downloading",
        "video_generating",
        "video_generation_completed",
        "video_generation_failed",
        "video_upsampling",
        "video_upsampling_completed",
        "video_upsampling_failed",
        "prompt_enhancement_checking",
        "prompt_enhancing",
        "image_cropping",
        "image_uploading",
        "image_processing_completed",
        "processing",
        "queued",
        "in_progress",
        "NOT_START",
        "SUBMITTED",
        "unknown",
        "something_new",
        ""
      })
  void otherStatus_isUnfinished_whateverElseTheBodyHolds(String status) {
    assertThat(classify(200, exampleWithStatus(status)))
        .isInstanceOfSatisfying(
            Unfinished.class, unfinished -> assertThat(unfinished.status()).isEqualTo(status));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"completed\",\"video_url\":\"https://v/a\"}",
        "{\"status\":\"completed\",\"video_url\":null,\"detail\":{\"upsample_video_url\":\"https://v/a\"}}",
        "{\"status\":\"completed\",\"detail\":{\"video_url\":\"https://v/a\",\"status\":\"video_upsampling\"}}",
        "{\"code\":\"success\",\"message\":\"\",\"data\":{\"status\":\"SUCCESS\",\"video_url\":\"https://v/a\"}}",
        "{\"data\":{\"status\":\"completed\",\"video_url\":\"https://v/a\"},\"code\":200}",
        "{\"status\":\"completed\",\"video_url\":\"https://v/a\",\"error\":\"left over\"}",
        "{\"status\":\"completed\",\"video_url\":\"https://v/a\",\"error\":{\"message\":\"left"
            + " over\"}}",
      })
  void link_isFound_whereverItStands(String body) {
    assertThat(classify(200, body)).isInstanceOf(Finished.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"x\"}",
        "{\"id\":\"x\",\"status\":7}",
        "{\"status\":\"video_upsampling\",\"detail\":{\"status\":\"completed\",\"video_url\":\"https://v/a\"}}",
        "{\"id\":\"x\",\"code\":\"success\",\"status\":null}",
        "{\"id\":\"x\",\"code\":\"pending\"}",
        "{\"code\":\"success\",\"data\":{\"status\":\"IN_PROGRESS\"}}",
        "{\"status\":\"queued\",\"error\":{\"message\":\"left over\"}}",
        "{\"id\":\"x\",\"error\":null}",
        "{\"id\":\"x\",\"error\":\"\"}",
      })
  void taskOfWhichLittleIsSaid_isUnfinished(String body) {
    assertThat(classify(200, body)).isInstanceOf(Unfinished.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200|{\"code\":\"success\",\"data\":null}",
        "200|{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}",
        "400|{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}",
        "404|{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}",
        "400|{\"error\":{\"code\":\"task_not_exist\"}}",
        "200|{\"code\":\"success\",\"data\":{}}",
        "200|{\"code\":0,\"data\":[]}",
        "200|{\"code\":200,\"data\":\"\"}",
        "200|{\"code\":404,\"message\":\"x\"}",
        "400|{\"error\":{\"code\":\"task_not_found\"}}",
        "500|{\"code\":\"TASK_NOT_EXIST\"}",
        "410|''",
        "404|{\"error\":{\"message\":\"The video is gone\",\"type\":\"invalid_request_error\"}}",
        "404|{\"message\":\"no such job\"}",
        "404|{\"detail\":\"Task not found\"}",
        "404|{\"detail\":{\"message\":\"task not found\"}}",
        "404|{\"error\":\"task not found\"}",
        "404|{\"title\":\"Not Found\",\"status\":404,\"detail\":\"There is no such video.\"}",
        "404|{\"title\":\"Video not found\",\"status\":404,\"message\":null}",
        "404|{\"message\":\"Not Found\",\"reason\":\"unknown generation\"}",
        "404|{\"code\":\"generation_not_found\"}",
      })
  void unknownTask_isNotFound_whateverTheWayOfSayingSo(int status, String body) {
    assertThat(classify(status, body)).isInstanceOf(NotFound.class);
  }

  static Stream<Arguments> refusals() {
    String envelope =
        "{\"error\":{\"message\":\"m (request id:"
            + " 1)\",\"type\":\"new_api_error\",\"code\":\"%s\"}}";
    return Stream.of(
        Arguments.of(401, envelope.formatted(""), Refusal.CREDENTIALS),
        Arguments.of(403, envelope.formatted(""), Refusal.CREDENTIALS),
        Arguments.of(403, "<html></html>", Refusal.INVALID_RESPONSE),
        Arguments.of(403, "", Refusal.INVALID_RESPONSE),
        Arguments.of(403, envelope.formatted("task_forbidden"), Refusal.ERROR),
        Arguments.of(403, envelope.formatted("video_permission_denied"), Refusal.ERROR),
        Arguments.of(403, envelope.formatted("account_disabled"), Refusal.CREDENTIALS),
        Arguments.of(403, "{\"error\":{\"code\":\"invalid_api_key\"}}", Refusal.CREDENTIALS),
        Arguments.of(403, "{\"message\":\"no\"}", Refusal.ERROR),
        Arguments.of(404, "<html></html>", Refusal.INVALID_RESPONSE),
        Arguments.of(404, "", Refusal.INVALID_RESPONSE),
        Arguments.of(
            404, "{\"message\":\"no Route matched with those values\"}", Refusal.INVALID_RESPONSE),
        Arguments.of(
            404,
            "{\"error\":{\"message\":\"Invalid URL (GET /v1/video/query)\"}}",
            Refusal.INVALID_RESPONSE),
        Arguments.of(404, "{\"detail\":\"Not Found\"}", Refusal.INVALID_RESPONSE),
        Arguments.of(404, "{\"error\":\"no route for /v1/video/query\"}", Refusal.INVALID_RESPONSE),
        Arguments.of(402, "{}", Refusal.QUOTA),
        Arguments.of(400, envelope.formatted("pre_consume_token_quota_failed"), Refusal.QUOTA),
        Arguments.of(301, "", Refusal.REDIRECT),
        Arguments.of(307, "{}", Refusal.REDIRECT),
        Arguments.of(200, "{}", Refusal.ERROR),
        Arguments.of(200, "{\"status\":null}", Refusal.ERROR),
        Arguments.of(200, "{\"status\":7}", Refusal.ERROR),
        Arguments.of(200, "{\"message\":\"Unauthorized\"}", Refusal.ERROR),
        Arguments.of(200, "{\"status\":\"error\",\"message\":\"x\"}", Refusal.ERROR),
        Arguments.of(200, "{\"status\":\"insufficient_quota\"}", Refusal.QUOTA),
        Arguments.of(200, "{\"status\":\"token_expired\"}", Refusal.CREDENTIALS),
        Arguments.of(200, "{\"code\":401,\"data\":{}}", Refusal.CREDENTIALS),
        Arguments.of(200, "{\"code\":429,\"message\":\"slow\"}", Refusal.RATE_LIMITED),
        Arguments.of(
            200, "{\"base_resp\":{\"status_code\":2049,\"status_msg\":\"x\"}}", Refusal.ERROR),
        Arguments.of(429, envelope.formatted(""), Refusal.RATE_LIMITED),
        Arguments.of(429, "", Refusal.RATE_LIMITED),
        Arguments.of(429, envelope.formatted("insufficient_user_quota"), Refusal.QUOTA),
        Arguments.of(
            429,
            "{\"error\":{\"message\":\"saturated\",\"type\":\"insufficient_quota\"}}",
            Refusal.QUOTA),
        Arguments.of(403, envelope.formatted("quota_not_enough"), Refusal.QUOTA),
        Arguments.of(401, envelope.formatted("insufficient_quota"), Refusal.QUOTA),
        Arguments.of(429, "{\"error\":{\"message\":\"insufficient_quota\"}}", Refusal.RATE_LIMITED),
        Arguments.of(503, envelope.formatted("system_cpu_overloaded"), Refusal.OVERLOADED),
        Arguments.of(503, "<html></html>", Refusal.OVERLOADED),
        Arguments.of(500, envelope.formatted(""), Refusal.ERROR),
        Arguments.of(502, "<html></html>", Refusal.ERROR),
        Arguments.of(400, envelope.formatted(""), Refusal.ERROR),
        Arguments.of(418, "", Refusal.ERROR),
        Arguments.of(302, "", Refusal.REDIRECT),
        Arguments.of(200, "{\"error\":{\"message\":\"no\"}}", Refusal.ERROR),
        Arguments.of(200, "{\"error\":\"no\"}", Refusal.ERROR),
        Arguments.of(200, "{\"status\":\"\",\"error\":{\"message\":\"no\"}}", Refusal.ERROR),
        Arguments.of(200, "{\"code\":\"fail\",\"message\":\"no\",\"data\":null}", Refusal.ERROR),
        Arguments.of(200, "{\"error\":{\"code\":\"insufficient_quota\"}}", Refusal.QUOTA),
        Arguments.of(200, "<html></html>", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "", Refusal.INVALID_RESPONSE),
        Arguments.of(204, "", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "null", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "[{\"status\":\"completed\"}]", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "{\"status\":\"completed\"", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "{\"status\":\"completed\"} {}", Refusal.INVALID_RESPONSE),
        Arguments.of(200, "{\"status\":\"comp", Refusal.INVALID_RESPONSE),
        Arguments.of(
            200,
            "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
            Refusal.INVALID_RESPONSE));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusal_isClassified_byStatusCodeAndType(int status, String body, Refusal refusal) {
    assertThat(classify(status, body)).isEqualTo(new Refused(refusal, status, null));
  }

  @Test
  void refusal_keepsRetryAfter() {
    TaskReply reply =
        CLASSIFIER
            .classify(new ProviderResponse(429, new byte[0], null, Duration.ofSeconds(7)), null)
            .reply();

    assertThat(reply).isEqualTo(new Refused(Refusal.RATE_LIMITED, 429, Duration.ofSeconds(7)));
  }

  @ParameterizedTest
  @CsvSource({
    "1770350329098, 2026-02-06T03:58:49.098Z",
    "1770350329, 2026-02-06T03:58:49Z",
    "0,",
    "-5,",
    "99999999999999999999999,",
    "1.5,1970-01-01T00:00:01.500Z",
    "'\"1770350329\"', 2026-02-06T03:58:49Z",
    "'\"2026-02-06T03:58:49Z\"', 2026-02-06T03:58:49Z",
    "1770350329.5, 2026-02-06T03:58:49.500Z",
  })
  void time_isReadByMagnitude(String number, Instant expected) {
    String body =
        "{\"status\":\"completed\",\"video_url\":\"https://v/a\",\"status_update_time\":"
            + number
            + "}";

    assertThat(((Finished) classify(200, body)).completedAt()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'status':'dreaming'} | unknown_status | status",
        "{'id':'r','stage':'queued'} | missing_field | status",
        "{'status':'completed'} | missing_field | video_url",
        "{'status':'completed','video_url':'https://a/v'} | missing_field | completed_at",
        "{'status':'queued','video_url':['values']} | changed_type | video_url",
        "{'id':'r','status':7} | changed_type | status",
        "{'status':'queued','detail':'values'} | changed_type | detail",
        "{'status':'queued','status_update_time':'2026-01-01'} | changed_type | status_update_time",
      })
  void answerThatIsNotAsItWas_isADrift(String json, String kind, String field) {
    assertThat(classified(200, json.replace('\'', '"')).drifts())
        .extracting(drift -> drift.kind().tag() + ' ' + drift.field())
        .contains(kind + ' ' + field);
  }

  @Test
  void errorsOfAnyShape_areNoDrift() {
    assertThat(classified(200, EXAMPLE).drifts()).isEmpty();
    assertThat(classified(500, "{\"status\":{},\"detail\":1}").drifts()).isEmpty();
  }

  private static TaskReply classify(int status, String body) {
    return classified(status, body).reply();
  }

  private static Classified classified(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return CLASSIFIER.classify(new ProviderResponse(status, bytes, null, null), null);
  }

  /** The example with another top-level status; that of its detail stays. */
  private static String exampleWithStatus(String status) {
    int topLevel = EXAMPLE.lastIndexOf("\"status\": \"completed\"");
    return EXAMPLE.substring(0, topLevel)
        + EXAMPLE.substring(topLevel).replaceFirst("completed", status);
  }

  private static String example() {
    try (InputStream in =
        ReplyClassifierTest.class.getResourceAsStream("/provider/completed.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
