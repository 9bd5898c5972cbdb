package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.dialect.AnswerReader.Answer;
import io.github.videoquery.dialect.SchemaDrift.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerReaderTest {
  /**
   * A time of 0 or below is no time: read as 1970, a finished task would be asked for each minute.
   */
  @ParameterizedTest
  @CsvSource({
    "0,",
    "-1,",
    "-1770350082,",
    "1, 1970-01-01T00:00:01Z",
    "1770350082, 2026-02-06T03:54:42Z",
    "1770350082.5, 2026-02-06T03:54:42.500Z",
    "99999999999, 5138-11-16T09:46:39Z",
    "100000000000, 1973-03-03T09:46:40Z",
    "1770350082000, 2026-02-06T03:54:42Z",
    "100000000000000, 5138-11-16T09:46:40Z",
    "100000000000001,",
    "123456789012345678901,",
    "null,",
    "true,",
    "\"2026-02-06T03:54:42Z\", 2026-02-06T03:54:42Z",
    "\"1770350082\", 2026-02-06T03:54:42Z",
    "\"soon\",",
  })
  void time_isReadInEachForm(String value, @Nullable Instant expected) {
    AnswerFields fields = fields("{\"completed_at\":" + value + "}");

    assertThat(fields.completedAt).isEqualTo(expected);
  }

  @Test
  void unitOfEachTime_isNoted() {
    Answer answer =
        read("{\"created_at\":1770350082,\"completed_at\":1770350082000,\"expires_at\":\"x\"}");

    assertThat(answer.secondsByTime())
        .containsOnly(Map.entry("created_at", true), Map.entry("completed_at", false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"done\"}|done",
        "{\"state\":\"done\"}|done",
        "{\"task_status\":\"done\"}|done",
        "{\"taskStatus\":\"done\"}|done",
        "{\"state\":\"a\",\"status\":\"b\"}|b",
        "{\"status\":\"b\",\"state\":\"a\"}|b",
        "{\"state\":\"a\",\"task_status\":\"b\"}|a",
        "{\"status\":\" \",\"state\":\"a\"}|a",
        "{\"status\":7}|",
        "{\"status\":null}|",
      })
  void state_isText_andStatusWins(String json, String expected) {
    assertThat(fields(json).state).isEqualTo(expected);
  }

  @Test
  void messages_areJoined_withoutMissingOnes() {
    var fields = new AnswerFields();
    fields.addMessage(null);
    assertThat(fields.message).isNull();
    fields.addMessage("one");
    fields.addMessage(null);
    assertThat(fields.message).isEqualTo("one");
    fields.addMessage("two");
    assertThat(fields.message).isEqualTo("one\ntwo");
  }

  @Test
  void numericState_isKeptApart() {
    assertThat(fields("{\"status\":7,\"state\":\"a\"}").numericState).isEqualTo("7");
    assertThat(fields("{\"status\":true}").numericState).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"code\":\"a\"}|a",
        "{\"code\":7}|7",
        "{\"error_code\":\"a\"}|a",
        "{\"error_code\":\"a\",\"code\":\"b\"}|b",
        "{\"code\":\"b\",\"error_code\":\"a\"}|b",
        "{\"status_code\":\"a\",\"error_code\":\"b\"}|a",
        "{\"code\":true}|",
      })
  void code_isTextOrANumber(String json, String expected) {
    assertThat(fields(json).code).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "null, false",
    "false, false",
    "\"\", false",
    "\"  \", false",
    "\"x\", true",
    "true, true",
    "0, true",
    "{}, true",
    "[], true",
  })
  void error_isThere_orNot(String value, boolean hasError) {
    assertThat(fields("{\"error\":" + value + "}").hasError).isEqualTo(hasError);
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "\"true\", true",
    "\"True\", true",
    "false, false",
    "\"no\", false",
    "1, false"
  })
  void running_isTrue_alsoAsText(String value, boolean expected) {
    assertThat(fields("{\"running\":" + value + "}").running).isEqualTo(expected);
  }

  @Test
  void success_isABoolean() {
    assertThat(fields("{\"success\":true}").success).isTrue();
    assertThat(fields("{\"success\":false}").success).isFalse();
    assertThat(fields("{\"success\":\"false\"}").success).isNull();
  }

  @Test
  void fieldsOfATask_areSeen() {
    assertThat(fields("{\"progress\":5}").isAboutATask()).isTrue();
    assertThat(fields("{\"progress\":null}").isAboutATask()).isFalse();
    assertThat(fields("{\"task_id\":\"a\"}").taskId).isEqualTo("a");
    assertThat(fields("{\"id\":7}").id).as("text alone").isNull();
    assertThat(fields("{\"detail\":{\"status\":\"a\"}}").isAboutATask()).isTrue();
    assertThat(fields("{\"message\":\"m\",\"type\":\"t\"}"))
        .extracting(fields -> fields.message + fields.type)
        .isEqualTo("mt");
  }

  @Test
  void text_isCutToTheLengthOfTheLongestId() {
    assertThat(fields("{\"message\":\"" + "x".repeat(1024) + "\"}").message).hasSize(1024);
    assertThat(fields("{\"message\":\"" + "x".repeat(1025) + "\"}").message).hasSize(1024);
  }

  @ParameterizedTest
  @CsvSource({
    "status, 7",
    "status, []",
    "detail, 7",
    "detail, []",
    "video_url, 7",
    "created_at, \"x\"",
    "completed_at, true",
    "expires_at, 1.5",
  })
  void unusualType_isNoted(String name, String value) {
    assertThat(read("{\"" + name + "\":" + value + "}").drifts())
        .containsExactly(new SchemaDrift(Kind.CHANGED_TYPE, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":\"x\",\"detail\":{},\"video_url\":\"x\",\"created_at\":1}",
        "{\"status\":null,\"detail\":null,\"video_url\":null,\"created_at\":null}",
        "{\"other\":7,\"another\":[]}"
      })
  void usualTypes_areNotNoted(String json) {
    assertThat(read(json).drifts()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "{\"data\":{}}, true, 0",
    "{\"data\":[]}, true, 0",
    "{\"data\":null}, true, 0",
    "{\"data\":\"\"}, true, 0",
    "{\"data\":\"x\"}, false, 0",
    "{\"data\":{\"a\":1}}, false, 1",
    "{\"data\":[1]}, false, 0",
    "{\"other\":{}}, false, 0",
    "{\"other\":null}, false, 0",
  })
  void envelope_isEmpty_orHoldsAnObject(String json, boolean isEmpty, int inner) {
    String whole = json.replace(';', ',');

    assertThat(fields(whole).hasEmptyInner).isEqualTo(isEmpty);
    assertThat(fields(whole).inner).hasSize(inner);
  }

  @Test
  void fourEnvelopes_areOpened_andNoFifth() {
    String four = "{\"data\":".repeat(4) + "{\"id\":\"a\"}" + "}".repeat(4);
    String five = "{\"data\":".repeat(5) + "{\"id\":\"a\"}" + "}".repeat(5);

    assertThat(innermost(fields(four)).id).isEqualTo("a");
    assertThat(innermost(fields(five)).id).isNull();
  }

  private static AnswerFields innermost(AnswerFields fields) {
    return fields.inner.isEmpty() ? fields : innermost(fields.inner.getFirst());
  }

  @Test
  void listsInLists_areSearchedForLinks() {
    assertThat(fields("{\"outputs\":[[\"x\"],\"https://v/a.mp4\"]}").links).hasSize(1);
    assertThat(fields("{\"videos\":[{\"url\":\"https://v/a\"},{\"url\":\"https://v/b\"}]}").links)
        .hasSize(2);
    assertThat(fields("{\"images\":[\"https://v/a.mp4\"]}").links).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "\"x\"", "{} {}", "{},", "", "null"})
  void whatIsNotOneObject_isNothing(String json) {
    assertThat(AnswerReader.read(json.getBytes(StandardCharsets.UTF_8), null, LinkPlaces.STANDARD))
        .isNull();
  }

  @Test
  void wordForALogLine_isPrintableAndShort() {
    assertThat(FieldReader.printable("a-B_1 \n\"ä")).isEqualTo("a-B_1 ???");
    assertThat(FieldReader.printable("x".repeat(64))).hasSize(64);
    assertThat(FieldReader.printable("x".repeat(65))).hasSize(64);
  }

  private static AnswerFields fields(String json) {
    return read(json).fields();
  }

  private static Answer read(String json) {
    return Objects.requireNonNull(
        AnswerReader.read(json.getBytes(StandardCharsets.UTF_8), null, LinkPlaces.STANDARD));
  }
}
