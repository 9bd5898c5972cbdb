package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialectAdditionsTest {
  private final Dialect extended =
      Dialect.with(
          List.of("All Good"),
          List.of("gone-bad"),
          List.of("Completed"),
          List.of("my.link"),
          List.of("NO_IDEA"));

  @Test
  void wordsOfAnOperator_areKnown() {
    assertThat(Dialect.STANDARD.knows("queued")).isTrue();
    assertThat(Dialect.STANDARD.knows("ALL-good")).isFalse();
    assertThat(extended.knows("ALL-good")).isTrue();
    assertThat(extended.knows("queued")).isTrue();
    assertThat(extended.knows("never seen")).isFalse();
  }

  @Test
  void additions_decide() {
    assertThat(reply(extended, "{\"status\":\"all_good\",\"my\":{\"link\":\"https://v/a\"}}"))
        .isInstanceOf(Finished.class);
    assertThat(reply(extended, "{\"id\":\"a\",\"status\":\"gone bad\"}"))
        .isInstanceOf(Failed.class);
    assertThat(reply(extended, "{\"status\":\"completed\",\"video_url\":\"https://v/a\"}"))
        .as("an operator's word wins")
        .isInstanceOf(Unfinished.class);
    assertThat(reply(extended, "{\"code\":\"no-idea\"}")).isInstanceOf(NotFound.class);
    assertThat(reply(Dialect.STANDARD, "{\"code\":\"no-idea\"}")).isInstanceOf(Refused.class);
  }

  /** In an envelope, the state of the inner object decides; where it has none, the outer one's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"success\",\"data\":{\"id\":\"a\",\"status\":\"queued\"}}|queued",
        "{\"id\":\"a\",\"status\":\"failed\",\"data\":{\"status\":\"queued\"}}|queued",
        "{\"id\":\"a\",\"status\":\"queued\",\"data\":{\"status\":\"made up\"}}|queued",
        "{\"id\":\"a\",\"status\":\"success\",\"data\":{\"id\":\"a\",\"status\":\"made up\"}}|made"
            + " up",
        "{\"id\":\"a\",\"status\":\"made up\",\"data\":{\"id\":\"a\",\"status\":\"also made"
            + " up\"}}|also made up",
        "{\"id\":\"a\",\"status\":\"made up\",\"data\":{\"x\":1}}|made up",
        "{\"data\":{\"data\":{\"id\":\"a\",\"state\":\"queued\"}}}|queued",
        "{\"id\":\"a\",\"status\":3}|",
        "{\"id\":\"a\",\"progress\":3}|",
      })
  void state_isThatOfTheTask(String json, String status) {
    assertThat(reply(Dialect.STANDARD, json))
        .isInstanceOfSatisfying(
            Unfinished.class,
            unfinished -> assertThat(unfinished.status()).isEqualTo(status == null ? "" : status));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"success\",\"data\":null}|NOT_FOUND",
        "{\"status\":\"success\",\"data\":{\"data\":{}}}|NOT_FOUND",
        "{\"code\":\"task_not_exist\"}|NOT_FOUND",
        "{\"code\":404}|NOT_FOUND",
        "{\"status\":404}|NOT_FOUND",
        "{\"code\":402}|QUOTA",
        "{\"error\":{\"code\":\"insufficient_quota\"}}|QUOTA",
        "{\"data\":{\"code\":\"insufficient_quota\"}}|QUOTA",
        "{\"status\":\"insufficient_quota\"}|QUOTA",
        "{\"code\":401}|CREDENTIALS",
        "{\"error\":{\"type\":\"invalid_api_key\"}}|CREDENTIALS",
        "{\"code\":429}|RATE_LIMITED",
        "{\"code\":503}|OVERLOADED",
        "{\"error\":\"x\"}|ERROR",
        "{\"success\":false}|ERROR",
        "{\"code\":\"x\"}|ERROR",
        "{\"base_resp\":{\"status_code\":1004}}|ERROR",
        "{\"data\":{\"error\":\"x\"}}|ERROR",
        "{}|ERROR",
        "{\"message\":\"hello\"}|ERROR",
        "{\"code\":0}|ERROR",
        "{\"base_resp\":{\"status_code\":0}}|ERROR",
      })
  void successWithoutAState_isARefusal(String json, String expected) {
    TaskReply reply = reply(Dialect.STANDARD, json);

    if (expected.equals("NOT_FOUND")) {
      assertThat(reply).isInstanceOf(NotFound.class);
    } else {
      assertThat(reply)
          .isInstanceOfSatisfying(
              Refused.class,
              refused -> assertThat(refused.refusal()).isEqualTo(Refusal.valueOf(expected)));
    }
  }

  /** Else it would be an unfinished task without a status. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\":\"a\",\"success\":false}|ERROR",
        "{\"id\":\"a\",\"error\":\"x\"}|ERROR",
        "{\"id\":\"a\",\"base_resp\":{\"status_code\":1004}}|ERROR",
        "{\"id\":\"a\",\"data\":{\"error\":\"x\"}}|ERROR",
        "{\"data\":null,\"base_resp\":{\"status_code\":1004}}|ERROR",
        "{\"id\":\"a\",\"success\":true}|UNFINISHED",
        "{\"id\":\"a\",\"code\":\"x\"}|UNFINISHED",
        "{\"id\":\"a\",\"base_resp\":{\"status_code\":0}}|UNFINISHED",
        "{\"id\":\"a\",\"base_resp\":{}}|UNFINISHED",
        "{\"id\":\"a\",\"base_resp\":[{\"status_code\":1004}]}|UNFINISHED",
        "{\"id\":\"a\",\"other\":{\"status_code\":1004}}|UNFINISHED",
        "{\"id\":\"a\",\"data\":{\"x\":1}}|UNFINISHED",
      })
  void answerAboutATaskWithoutAState_isARefusal_whereItSaysSo(String json, String expected) {
    TaskReply reply = reply(Dialect.STANDARD, json);

    if (expected.equals("UNFINISHED")) {
      assertThat(reply).isInstanceOf(Unfinished.class);
    } else {
      assertThat(reply)
          .isInstanceOfSatisfying(
              Refused.class,
              refused -> assertThat(refused.refusal()).isEqualTo(Refusal.valueOf(expected)));
    }
  }

  @Test
  void linkInAListOfLists_isFound() {
    Dialect clips =
        Dialect.with(List.of(), List.of(), List.of(), List.of("clips[][].file"), List.of());

    assertThat(
            reply(clips, "{\"status\":\"completed\",\"clips\":[[],[{\"file\":\"https://v/a\"}]]}"))
        .isInstanceOf(Finished.class);
    assertThat(reply(clips, "{\"status\":\"completed\",\"clips\":[{\"file\":\"https://v/a\"}]}"))
        .isInstanceOf(Unfinished.class);
  }

  @ParameterizedTest
  @CsvSource({"1770350099, 1770350099", "1770350101, 1770350100"})
  void linkExpiry_isTheEarlier_ofTheStatedAndTheSigned(long stated, long expected) {
    String link = "\"video_url\":\"https://v/a?Expires=1770350100\"";

    assertThat(
            reply(
                Dialect.STANDARD,
                "{\"status\":\"completed\"," + link + ",\"expires_at\":" + stated + "}"))
        .isInstanceOfSatisfying(
            Finished.class,
            finished ->
                assertThat(finished.linkExpiresAt()).isEqualTo(Instant.ofEpochSecond(expected)));
  }

  /** The host may call a task failed while it tries again. */
  @Test
  void failureOfATaskThatRan_isNews() {
    Known running =
        (Known) reply(Dialect.STANDARD, "{\"id\":\"a\",\"status\":\"failed\",\"running\":true}");
    Known failed = (Known) reply(Dialect.STANDARD, "{\"id\":\"a\",\"status\":\"failed\"}");

    assertThat(failed.body().news()).isNotEqualTo(running.body().news());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\r\n\t ", "\uFEFF", "\uFEFF "})
  void blankBody_isNoAnswer(String body) {
    assertThat(reply(Dialect.STANDARD, body))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_RESPONSE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://v/a b", "https://v/a\tb", "https://v/a\u2003b"})
  void textWithABlank_isNoLink(String link) {
    assertThat(
            reply(
                Dialect.STANDARD,
                "{\"status\":\"completed\",\"video_url\":\"" + link.replace("\t", "\\t") + "\"}"))
        .isInstanceOf(Unfinished.class);
  }

  @Test
  void status_isCutTo64Characters() {
    for (int length : new int[] {64, 65, 100}) {
      assertThat(
              reply(Dialect.STANDARD, "{\"id\":\"a\",\"status\":\"" + "x".repeat(length) + "\"}"))
          .isInstanceOfSatisfying(
              Unfinished.class, unfinished -> assertThat(unfinished.status()).hasSize(64));
    }
  }

  @Test
  void anotherTasksAnswer_isRefused_ifThatIsToBeLookedAt() {
    var classifier = new ReplyClassifier(Dialect.STANDARD);
    ProviderResponse response = response("{\"id\":\"veo3:b\",\"status\":\"queued\"}");

    assertThat(classifier.classify(response, new TaskId("veo3:a")).reply())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.ANOTHER_TASK));
    assertThat(classifier.classify(response, null).reply()).isInstanceOf(Unfinished.class);
  }

  private static TaskReply reply(Dialect dialect, String json) {
    return new ReplyClassifier(dialect).classify(response(json), null).reply();
  }

  private static ProviderResponse response(String json) {
    return new ProviderResponse(200, json.getBytes(StandardCharsets.UTF_8), null, null);
  }
}
