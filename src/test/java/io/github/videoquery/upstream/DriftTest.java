package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Answers that are no longer as they were: counted by kind, told once, and without their values.
 */
@ExtendWith(OutputCaptureExtension.class)
class DriftTest {
  @Test
  void change_isCounted_andToldOnce_withoutAValue(CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      gateway.provider.answerEverything(
          Behaviour.json("{\"status\":\"queued\",\"video_url\":[\"values\"]}"));

      for (int i = 0; i < 3; i++) {
        assertThat(gateway.get("id=veo3:task-" + i).statusCode()).isEqualTo(200);
      }

      assertThat(
              gateway.metric(
                  "gateway_upstream_drift_total", "kind=\"changed_type\"", "field=\"video_url\""))
          .isEqualTo(3);
      assertThat(output.getAll().split("answers have changed: changed_type \\(video_url", -1))
          .hasSize(2);
      assertThat(output.getAll()).doesNotContain("values").doesNotContain("task-1");
    }
  }

  @Test
  void answersAsTheyAre_andErrorsOfAnyShape_areNoChange(CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      gateway.get("id=veo3:1770350082-finished01");
      gateway.get("id=veo3:" + gateway.time.instant().getEpochSecond() + "-unfinished");
      gateway.get("id=veo3:not-found");
      gateway.provider.answerEverything(Behaviour.json(500, "{\"status\":{},\"detail\":1}"));
      gateway.get("id=veo3:failing");

      assertThat(gateway.prometheus()).doesNotContain("gateway_upstream_drift");
      assertThat(output.getAll()).doesNotContain("answers have changed");
    }
  }
}
