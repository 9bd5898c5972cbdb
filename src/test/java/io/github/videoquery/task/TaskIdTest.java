package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskIdTest {

  @ParameterizedTest
  @CsvSource({
    "veo3.1-fast:1770350082-trii1OXZc3, veo3.1-fast, 2026-02-06T03:54:42Z",
    "sora-2:task_01k6x15vhrff09dkkqjrzwhm60, sora-2, 2025-10-06T15:10:26.872Z",
    "veo3:2ba161ec-7a0c-4b57-9d0e-5f4b0f6a1c11, veo3,",
    "task_abc,,",
    "12345,,",
    ":1770350082-trii1OXZc3,, 2026-02-06T03:54:42Z",
    "a b:1,,",
  })
  void modelAndCreation_areRead_whereTheIdTells(String value, String model, Instant createdAt) {
    TaskId id = new TaskId(value.replace("a b", "a/b"));

    assertThat(id.model().orElse(null)).isEqualTo(model);
    assertThat(id.createdAt().orElse(null)).isEqualTo(createdAt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\tb", "tâche", "a\u0000", "\u007f"})
  void id_isRefused_unlessVisibleAscii(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> new TaskId(value));
  }

  @Test
  void id_isAnyVisibleAscii_andPrintsAsItIs() {
    assertThat(new TaskId("!a~")).hasToString("!a~");
  }

  @Test
  void id_isRefused_beyond1024Characters() {
    assertThat(new TaskId("a".repeat(1024)).value()).hasSize(1024);
    assertThatIllegalArgumentException().isThrownBy(() -> new TaskId("a".repeat(1025)));
  }
}
