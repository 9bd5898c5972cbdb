package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayFixture;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode {@code api-key}: nobody unknown gets an answer, remembered or not. */
class AccessTest {
  private static final String FINISHED = "id=veo3:1770350082-finished01";

  @TempDir static Path folder;
  private static GatewayFixture gateway;

  @BeforeAll
  static void start() throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            """
            clients:
              - {name: team-a, keys: ["%s"]}
              - {name: team-b, keys: ["%s"], models: ["sora-*"]}
            """
                .formatted(GatewayFixture.hash("key-a"), GatewayFixture.hash("key-b")));
    gateway =
        GatewayFixture.start(
            "gateway.access.mode=api-key", "gateway.access.clients-file=" + clients);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void knownKey_isAnswered_fromTheProviderAndFromMemory() throws Exception {
    assertThat(gateway.get(FINISHED, "Authorization", "Bearer key-a").statusCode()).isEqualTo(200);

    HttpResponse<byte[]> remembered = gateway.get(FINISHED, "Authorization", "bearer key-a");

    assertThat(remembered.statusCode()).isEqualTo(200);
    assertThat(remembered.headers().firstValue("Cache-Status").orElse("")).contains("hit");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer key-x",
        "Basic key-a",
        "key-a",
        "Bearer key-a,key-a"
      })
  void anyoneElse_isUnauthenticated_evenForARememberedTask(String authorization) throws Exception {
    gateway.get(FINISHED, "Authorization", "Bearer key-a");

    HttpResponse<byte[]> answer =
        authorization.isEmpty()
            ? gateway.get(FINISHED)
            : gateway.get(FINISHED, "Authorization", authorization);

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
        .startsWith("Bearer realm=");
    assertThat(answer.body())
        .asString()
        .contains("\"code\":\"unauthenticated\"")
        .doesNotContain("key-x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/video/query;x=1",
        "/v1/video/query/",
        "//v1/video/query",
        "/v1//video/query",
        "/v1/./video/query",
        "/v1/video/%71uery",
        "/v1/x/../video/query"
      })
  void otherSpellingsOfThePath_doNotLeadAroundTheKey(String path) throws Exception {
    gateway.get(FINISHED, "Authorization", "Bearer key-a");

    int status =
        gateway
            .send("GET", URI.create("http://127.0.0.1:" + gateway.port() + path + "?" + FINISHED))
            .statusCode();

    assertThat(status).isIn(400, 401, 404);
  }

  @Test
  void clientWithModels_maySeeOnlyThose() throws Exception {
    gateway.get(FINISHED, "Authorization", "Bearer key-a");

    assertThat(gateway.get(FINISHED, "Authorization", "Bearer key-b").statusCode()).isEqualTo(403);
    assertThat(
            gateway
                .get("id=sora-2:1770350082-finished01", "Authorization", "Bearer key-b")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void description_needsNoKey_andUnknownPathsAreNotFound() throws Exception {
    assertThat(gateway.send("GET", gateway.query("").resolve("/openapi.yaml")).statusCode())
        .isEqualTo(200);
    assertThat(gateway.send("GET", gateway.query("").resolve("/nothing")).statusCode())
        .isEqualTo(404);
  }
}
