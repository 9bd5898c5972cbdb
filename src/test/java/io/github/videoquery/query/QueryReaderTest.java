package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskQuery;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryReaderTest {
  private final QueryReader reader =
      new QueryReader(List.of("model", "region"), Duration.ofSeconds(60), 3);

  @ParameterizedTest
  @CsvSource({
    "id=veo3:1, veo3:1, ''",
    "id=veo3%3A1, veo3:1, ''",
    "%69d=veo3%3a1, veo3:1, ''",
    "other=1&id=a&x, a, ''",
    "id=a%2Bb%25%26%3D, a+b%&=, ''",
    "id=a=b, a=b, ''",
    "id=a&model=veo3, a, model=veo3",
    "id=a&region=eu&model=veo3.1-fast_x, a, model=veo3.1-fast_x&region=eu",
    "id=a&model=, a, ''",
    "id=a&model, a, ''",
    "id=a&token=secret&Model=b&ID=c, a, ''",
    "&&id=a&&, a, ''",
  })
  void question_isRead(String query, String id, String parameters) {
    TaskQuery read = read(query);

    assertThat(read.id().value()).isEqualTo(id);
    assertThat(read.parameters()).isEqualTo(parameters);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "id",
        "id=",
        "id=%20",
        "id=a&id=b",
        "id=a&id=a",
        "id=a&%69d=b",
        "id=a+b",
        "id=a%zz",
        "id=a%2",
        "id=%C3%A4",
        "id=ä",
        "id=%FF",
        "id=a%00",
        "id=a%0d%0aSet-Cookie:x",
        "Id=a",
        "x=id=a",
      })
  void id_isRefused_whenItCannotBeRead(@Nullable String query) {
    assertThat(refusal(query)).isEqualTo(ProblemCode.INVALID_TASK_ID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model=a%20b", "model=a/b", "model=a&model=b", "model=%zz"})
  void parameter_isRefused_whenItIsNotAName(String parameter) {
    assertThat(refusal("id=a&" + parameter)).isEqualTo(ProblemCode.BAD_REQUEST);
  }

  @Test
  void length_isBounded() {
    assertThat(read("id=" + "a".repeat(1024)).id().value()).hasSize(1024);
    assertThat(refusal("id=" + "a".repeat(1025))).isEqualTo(ProblemCode.INVALID_TASK_ID);
    assertThat(refusal("id=a&model=" + "a".repeat(65))).isEqualTo(ProblemCode.BAD_REQUEST);
  }

  private @Nullable ProblemCode refusal(@Nullable String query) {
    ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> read(query));
    return refusal == null ? null : refusal.problem().code();
  }

  private TaskQuery read(@Nullable String query) {
    return reader.read(query);
  }
}
