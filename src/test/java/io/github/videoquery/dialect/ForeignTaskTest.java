package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignTaskTest {
  private static final String U1 = "2ba161ec-7a0c-4b57-9d0e-5f4b0f6a1c11";
  private static final String U2 = "9ba161ec-7a0c-4b57-9d0e-5f4b0f6a1c12";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // the same text before the first separator
        "veo3:1-a | {'id':'veo3:1-b'} | true",
        "task_a | {'task_id':'task_b'} | true",
        "vid-1 | {'data':{'id':'vid-2'}} | true",
        "vid-1 | {'data':{'task_id':'vid-2'},'id':'request'} | true",
        U1 + " | {'id':'" + U2 + "'} | true",
        // one of the ids is the asked one
        "veo3:1-a | {'id':'veo3:1-a'} | false",
        "veo3:1-a | {'id':'veo3:1-b','task_id':'veo3:1-a'} | false",
        "veo3:1-a | {'id':'veo3:1-b','data':{'id':'veo3:1-a'}} | false",
        // the host's own way to name a task proves nothing
        "veo3:1-a | {'id':'task_b'} | false",
        "veo3:" + U1 + " | {'id':'" + U2 + "'} | false",
        "12345 | {'id':'12346'} | false",
        "_a | {'id':'_b'} | false",
        "veo3:1-a | {'id':7} | false",
        "veo3:1-a | {'status':'queued'} | false",
      })
  void answer_namesAnotherTask(String asked, String body, boolean isForeign) {
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    AnswerFields fields =
        Objects.requireNonNull(AnswerReader.read(bytes, null, LinkPlaces.STANDARD)).fields();

    assertThat(ForeignTask.isNamed(new TaskId(asked), fields)).isEqualTo(isForeign);
  }

  /** The longest id that a query may have. */
  @Test
  void longId_isComparedWhole() {
    String id = "veo3:" + "x".repeat(TaskId.MAX_LENGTH - 5);
    byte[] bytes = ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
    AnswerFields fields =
        Objects.requireNonNull(AnswerReader.read(bytes, null, LinkPlaces.STANDARD)).fields();

    assertThat(ForeignTask.isNamed(new TaskId(id), fields)).isFalse();
  }
}
