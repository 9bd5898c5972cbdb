package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskQueryTest {
  @ParameterizedTest
  @CsvSource({
    "veo3:task_abc, '', veo3",
    "veo3:task_abc, model=sora-2, veo3",
    "task_abc, model=sora-2, sora-2",
    "task_abc, region=eu&model=sora-2, sora-2",
    "task_abc, model=sora-2&region=eu, sora-2",
    "task_abc, submodel=sora-2, ",
    "task_abc, region=eu, ",
    "task_abc, '', ",
    "not a model:1, model=sora-2, sora-2",
  })
  void model_isTheIds_orElseTheParameters(String id, String parameters, String model) {
    assertThat(new TaskQuery(new TaskId(id.replace(' ', '+')), parameters).model())
        .isEqualTo(model);
  }
}
