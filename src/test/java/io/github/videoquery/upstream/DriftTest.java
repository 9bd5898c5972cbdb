package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Answers that are no longer as they were: counted by kind, told once, and without their values.
 */
@ExtendWith(OutputCaptureExtension.class)
class DriftTest {
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
  void change_isCounted_andToldOnce_withoutAValue(
      String body, String kind, String field, CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      gateway.provider.answerEverything(Behaviour.json(body.replace('\'', '"')));

      for (int i = 0; i < 3; i++) {
        assertThat(gateway.get("id=veo3:task-" + i).statusCode()).isEqualTo(200);
      }

      assertThat(
              gateway.metric(
                  "gateway_upstream_drift_total",
                  "kind=\"" + kind + "\"",
                  "field=\"" + field + "\""))
          .isEqualTo(3);
      assertThat(output.getAll().split("answers have changed: " + kind + " \\(" + field, -1))
          .hasSize(2);
      assertThat(output.getAll()).doesNotContain("values").doesNotContain("task-1");
    }
  }

  @Test
  void timeInAnotherUnitThanBefore_isAChange(CapturedOutput output) throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      for (String time : List.of("1770350082099", "1770350082100", "1770350083", "1770350084")) {
        gateway.provider.answerEverything(
            Behaviour.json("{\"status\":\"queued\",\"detail\":{\"created_at\":" + time + "}}"));
        assertThat(gateway.get("id=veo3:task-" + time).statusCode()).isEqualTo(200);
      }

      assertThat(gateway.metric("gateway_upstream_drift_total", "kind=\"time_unit\"")).isEqualTo(2);
      assertThat(output.getAll().split("time_unit \\(created_at", -1)).hasSize(2);
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
