package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers that hosts of this family and their vendors were reported to send, with invented values.
 */
class CasesTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ReplyClassifier CLASSIFIER = new ReplyClassifier(Dialect.STANDARD);
  private static final Instant SIGNED = Instant.parse("2026-11-26T12:00:00Z");

  /** A case for people to read. */
  record Case(String id, int status, String body, List<String> right) {
    @Override
    public String toString() {
      return id;
    }
  }

  static List<Case> answers() {
    return lines("/provider/cases/answers.jsonl").stream()
        .map(
            line ->
                new Case(
                    line.get("id").asString(),
                    line.path("http").asInt(200),
                    line.get("body").isString()
                        ? line.get("body").asString()
                        : line.get("body").toString(),
                    Arrays.asList(line.get("right").asString().split("\\|", -1))))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answer_isUnderstood(Case given) {
    TaskReply reply = classify(given.status(), given.body(), given.id());

    assertThat(given.right())
        .as(given.body())
        .anySatisfy(right -> assertThat(right).isIn(names(reply)));
  }

  /** Others of each kind. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // places of the link
        "finished | 200 | {'id':'a','status':'completed','resultUrl':'https://v/a.mp4'}",
        "finished | 200 | {'id':'a','status':'completed','videos':['https://v/a.mp4']}",
        "finished | 200 | {'id':'a','status':'completed','output':'https://v/a.mp4'}",
        "finished | 200 |"
            + " {'id':'a','status':'completed','output':{'clips':[{'src':'https://v/a.mp4'}]}}",
        "finished | 200 |"
            + " {'id':'a','status':'completed','assets':{'video':'https://v/a.mp4','image':'https://v/a.jpg'}}",
        "finished | 200 |"
            + " {'id':'a','status':'completed','creations':[{'id':'c','url':'https://v/a.mp4'}]}",
        "finished | 200 | {'id':'a','status':'completed','content':{'videoUrl':'https://v/a.mp4'}}",
        "finished | 200 | {'id':'a','status':'completed','resultUrls':['https://v/a.mp4']}",
        "finished | 200 |"
            + " {'id':'a','status':'completed','response':{'generateVideoResponse':{'generatedSamples':[{'video':{'uri':'https://v/a'}}]}}}",
        "finished | 200 |"
            + " {'id':'a','status':'completed','detail':{'upsampleVideoUrl':{'url':'https://v/a'}}}",
        // pictures, inputs and our own address are no video
        "unfinished | 200 |"
            + " {'id':'a','status':'completed','output':{'cover_url':'https://v/a.jpg','thumbnail':'https://v/b.jpg'}}",
        "unfinished | 200 |"
            + " {'id':'a','status':'completed','result':{'input_video_url':'https://v/a.mp4'}}",
        "unfinished | 200 |"
            + " {'id':'a','status':'completed','output':{'first_frame':{'url':'https://v/a.jpg'}}}",
        "unfinished | 200 | {'id':'a','status':'completed','webhook':{'url':'https://us/hook'}}",
        "unfinished | 200 |"
            + " {'id':'a','status':'completed','detail':{'req':{'video_url':'https://v/in.mp4'}}}",
        // no link
        "unfinished | 200 | {'id':'a','status':'completed','video_url':'None'}",
        "unfinished | 200 | {'id':'a','status':'completed','video_url':'pending'}",
        "unfinished | 200 | {'id':'a','status':'completed','url':'gs://b/v.mp4'}",
        "unfinished | 200 | {'id':'a','status':'completed','video_url':'https://'}",
        "unfinished | 200 | {'id':'a','status':'completed','video_url':'https:///v.mp4'}",
        "finished | 200 | {'id':'a','status':'completed','detail':{'video_url':'/files/a'}}",
        // words and forms
        "finished | 200 | {'id':'a','status':'TASK_STATUS_SUCCEED','video_url':'https://v/a'}",
        "finished | 200 | {'id':'a','state':'JOB_STATE_SUCCEEDED','video_url':'https://v/a'}",
        "finished | 200 | {'id':'a','status':'Successful','video_url':'https://v/a'}",
        "failed | 200 | {'id':'a','status':'timed out'}",
        "failed | 200 | {'id':'a','status':'Canceled'}",
        "failed | 200 | {'task_id':'a','status':'expired'}",
        "failed | 200 | {'status':'failed'}",
        "unfinished | 200 | {'id':'a','status':'failed','detail':{'running':'True'}}",
        "unfinished | 200 | {'id':'a','status':3}",
        "unfinished | 200 | {'id':'a','status':'rendering_stage_7'}",
        // envelopes
        "finished | 200 |"
            + " {'code':200,'msg':'ok','data':{'task_id':'a','state':'success','resultUrl':'https://v/a'}}",
        "finished | 200 |"
            + " {'output':{'task_id':'a','task_status':'SUCCEEDED','results':[{'url':'https://v/a'}]},'usage':{}}",
        "unfinished | 200 | {'status':'success','result':{'task_id':'a','status':'queued'}}",
        "failed | 200 | {'status':200,'data':{'id':'a','status':'failure'}}",
        "unfinished | 200 | {'id':'r','status':'ok','data':{'task_id':'a','status':'running'}}",
        // refusals under 200
        "upstream-quota-exhausted | 200 | {'code':'quota_exceeded','message':'x'}",
        "upstream-quota-exhausted | 200 | {'code':402,'message':'x'}",
        "upstream-rejected-credentials | 200 | {'error':{'code':'invalid_api_key','message':'x'}}",
        "upstream-rejected-credentials | 200 | {'status':'error','code':'token_expired'}",
        "upstream-error | 200 | {'success':false}",
        "upstream-error | 200 | {'code':500,'msg':'x','data':null}",
        "upstream-error | 200 | {'code':1,'message':'x','data':{}}",
        "upstream-error | 200 | {'msg':'maintenance'}",
        "upstream-error | 200 | {'status':500,'message':'x'}",
        // no such task
        "not-found | 200 | {'code':'video_not_found'}",
        "not-found | 200 | {'error':{'code':'TaskNotExist','type':'task_not_exist'}}",
        "not-found | 400 | {'error':{'type':'generation_not_found'}}",
        "not-found | 404 | {'error':{'message':'Task not found','type':'invalid_request_error'}}",
        "upstream-invalid-response | 404 | {'error':{'message':'Invalid URL (POST"
            + " /v1/videos/task)'}}",
        "upstream-invalid-response | 404 | {'message':'404 page not found'}",
        // numbers and texts of another type
        "finished | 200 |"
            + " {'id':7,'status':'completed','video_url':'https://v/a','created_at':'yesterday','completed_at':null}",
      })
  void answerOfTheSameKind_isUnderstood(String right, int status, String body) {
    assertThat(names(classify(status, body.replace('\'', '"'), "a"))).contains(right);
  }

  @ParameterizedTest
  @MethodSource("links")
  void signedLink_saysWhenItDies(Case given) {
    TaskReply reply = classify(200, given.body(), given.id());

    assertThat(reply).isInstanceOf(Finished.class);
    assertThat(((Finished) reply).linkExpiresAt()).isEqualTo(SIGNED.plusSeconds(600));
  }

  static List<Case> links() {
    return lines("/provider/cases/links.jsonl").stream()
        .map(
            line ->
                new Case(
                    line.get("id").asString(),
                    200,
                    signed(line.toString().replace("{\"id\"", "{\"status\":\"completed\",\"id\"")),
                    List.of()))
        .toList();
  }

  /** The cases' {@code T} in the signer's own form. */
  private static String signed(String line) {
    String basic =
        DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(SIGNED);
    String seconds = Long.toString(SIGNED.getEpochSecond());
    return line.replace("…X-Tos", "https://cdn.example/v.mp4?X-Tos")
        .replace("{T:yyyyMMdd'T'HHmmss'Z'}", basic)
        .replace("q-sign-time={T}", "q-sign-time=" + seconds)
        .replace("q-key-time={T}", "q-key-time=" + seconds)
        .replace("{T+600}", Long.toString(SIGNED.getEpochSecond() + 600))
        .replace("{T}", basic);
  }

  private static List<JsonNode> lines(String resource) {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(CasesTest.class.getResourceAsStream(resource)),
                StandardCharsets.UTF_8))) {
      return reader.lines().map(JSON::readTree).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TaskReply classify(int status, String body, String asked) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return CLASSIFIER
        .classify(new ProviderResponse(status, bytes, null, null), new TaskId(asked))
        .reply();
  }

  /** The names that the cases have for a reply. */
  private static List<String> names(TaskReply reply) {
    return switch (reply) {
      case Finished _ -> List.of("finished");
      case Failed _ -> List.of("failed");
      case Unfinished unfinished -> // it settles later, if the link does not come
          unfinished.lacksLink() ? List.of("unfinished", "settled") : List.of("unfinished");
      case NotFound _ -> List.of("not-found");
      case Unreachable _ -> List.of();
      case Refused refused ->
          List.of(
              switch (refused.refusal()) {
                case CREDENTIALS -> "upstream-rejected-credentials";
                case QUOTA -> "upstream-quota-exhausted";
                case INVALID_RESPONSE, ANOTHER_TASK, CUT, TOO_LARGE -> "upstream-invalid-response";
                case RATE_LIMITED -> "upstream-rate-limited";
                case OVERLOADED -> "upstream-overloaded";
                case REDIRECT, ERROR -> "upstream-error";
              });
    };
  }
}
