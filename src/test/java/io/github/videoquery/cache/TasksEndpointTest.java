package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayFixture;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the management port shows of one task, and that it forgets it. */
class TasksEndpointTest {
  private static final String ID = "veo3:1770350082-finished01";

  @Test
  void rememberedTask_isShownWithoutItsBody_andForgotten() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      String body = new String(gateway.get("id=" + ID).body(), StandardCharsets.UTF_8);
      gateway.get("id=" + ID + "&model=veo3");
      gateway.time.advance(Duration.ofSeconds(7));

      HttpResponse<byte[]> shown = tasks("GET", gateway, "id=" + ID);

      assertThat(shown.statusCode()).isEqualTo(200);
      assertThat(new String(shown.body(), StandardCharsets.UTF_8)).doesNotContain("video_url");
      JsonNode remembered = new JsonMapper().readTree(shown.body()).get("remembered");
      assertThat(remembered.size()).isEqualTo(2);
      JsonNode plain =
          remembered.get(remembered.get(0).get("parameters").asString().isEmpty() ? 0 : 1);
      assertThat(plain.get("memory").asString()).isEqualTo("here");
      assertThat(plain.get("kind").asString()).isEqualTo("finished");
      assertThat(plain.get("status").asString()).isEqualTo("completed");
      assertThat(plain.get("account").asString()).isEqualTo("default");
      assertThat(plain.get("ageSeconds").asInt()).isEqualTo(7);
      assertThat(plain.get("freshSeconds").asInt()).isPositive();
      assertThat(plain.get("bytes").asInt())
          .isEqualTo(body.getBytes(StandardCharsets.UTF_8).length);

      JsonNode forgotten = new JsonMapper().readTree(tasks("DELETE", gateway, "id=" + ID).body());

      assertThat(forgotten.get("here").asInt()).isEqualTo(2);
      assertThat(forgotten.get("shared").asInt()).isZero();
      assertThat(
              new JsonMapper().readTree(tasks("GET", gateway, "id=" + ID).body()).get("remembered"))
          .isEmpty();
      gateway.get("id=" + ID);
      assertThat(gateway.provider.calls(ID)).isEqualTo(3);
    }
  }

  @Test
  void whatIsNoId_isToldSo_andThePublicPortKnowsNothingOfIt() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      assertThat(tasks("GET", gateway, "id=").statusCode()).isEqualTo(400);
      assertThat(tasks("DELETE", gateway, "id=%C3%A4").statusCode()).isEqualTo(400);
      assertThat(tasks("DELETE", gateway, "").statusCode()).isEqualTo(400);
      URI atPublicPort = gateway.query("x").resolve("/actuator/tasks?id=" + ID);
      assertThat(gateway.send("DELETE", atPublicPort).statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<byte[]> tasks(String method, GatewayFixture gateway, String query)
      throws Exception {
    return gateway.send(
        method,
        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/tasks?" + query));
  }
}
