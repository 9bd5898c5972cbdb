package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Several keys, rejected keys, and key files that are replaced while the gateway runs. */
@ExtendWith(OutputCaptureExtension.class)
class KeyFilesTest {
  private static final Behaviour REJECTED =
      Behaviour.error(401, "invalid token", "new_api_error", "");
  private static final Behaviour NO_MONEY =
      Behaviour.error(429, "saturated", "insufficient_quota", "");

  @TempDir Path folder;
  private int task;

  @Test
  void keys_areTriedInOrder_andARejectedOneRests(CapturedOutput output) throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-first\nsk-second\r\n\nsk-third\n");
    try (GatewayFixture gateway = start(file)) {
      gateway.provider.answerKey("sk-first", REJECTED);
      gateway.provider.answerKey("sk-second", NO_MONEY);

      for (int i = 0; i < 5; i++) {
        assertThat(ask(gateway)).isEqualTo(200);
      }

      assertThat(gateway.provider.callsWithKey("sk-first")).isEqualTo(1);
      assertThat(gateway.provider.callsWithKey("sk-second")).isEqualTo(1);
      assertThat(gateway.provider.callsWithKey("sk-third")).isEqualTo(5);
      assertThat(gateway.metric("gateway_upstream_key_healthy", "key=\"1\"")).isZero();
      assertThat(gateway.metric("gateway_upstream_key_healthy", "key=\"2\"")).isZero();
      assertThat(gateway.metric("gateway_upstream_key_healthy", "key=\"3\"")).isEqualTo(1);
      assertThat(output.getAll().split("The provider rejected key", -1)).hasSize(3);
      assertThat(output.getAll()).doesNotContain("sk-first").doesNotContain("sk-second");
    }
  }

  @Test
  void lastKey_isAlwaysTried(CapturedOutput output) throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-only");
    try (GatewayFixture gateway = start(file)) {
      gateway.provider.answerKey("sk-only", REJECTED);
      assertThat(ask(gateway)).isEqualTo(502);
      assertThat(ask(gateway)).isEqualTo(502);
      gateway.provider.answerKey("sk-only", null);

      assertThat(ask(gateway)).isEqualTo(200);

      assertThat(gateway.metric("gateway_upstream_key_healthy")).isEqualTo(1);
      assertThat(output.getAll().split("The provider rejected key", -1)).hasSize(2);
      assertThat(output.getAll()).contains("The provider accepts key 1 again");
    }
  }

  @Test
  void replacedFile_isUsed_withoutAFailedRequest() throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-old");
    try (GatewayFixture gateway = start(file)) {
      assertThat(ask(gateway)).isEqualTo(200);

      Path next = Files.writeString(folder.resolve("next"), "sk-new");
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);

      awaitUseOf("sk-new", gateway);
      int old = gateway.provider.callsWithKey("sk-old");
      assertThat(ask(gateway)).isEqualTo(200);
      assertThat(gateway.provider.callsWithKey("sk-old")).isEqualTo(old);
    }
  }

  @Test
  void revokedKey_isReplacedAtOnce_whenTheFileAlreadyHoldsTheNewOne() throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-old");
    try (GatewayFixture gateway = start(file)) {
      assertThat(ask(gateway)).isEqualTo(200);
      Files.writeString(file, "sk-new");
      gateway.provider.answerKey("sk-old", REJECTED);

      assertThat(ask(gateway)).isEqualTo(200);
    }
  }

  @Test
  void replacedKey_failsNoRequestInFlight() throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-old");
    try (GatewayFixture gateway = start(file)) {
      var release = new CompletableFuture<Void>();
      gateway.provider.answerKey(
          "sk-old",
          connection -> {
            var _ = release.thenRun(() -> REJECTED.answer(connection));
          });
      List<CompletableFuture<HttpResponse<byte[]>>> inFlight = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        gateway.provider.answer("flight-" + i, Behaviour.json("{\"status\":\"queued\"}"));
        inFlight.add(
            gateway.client.sendAsync(
                HttpRequest.newBuilder(gateway.query("id=flight-" + i)).build(),
                HttpResponse.BodyHandlers.ofByteArray()));
      }
      Awaitility.await().until(() -> gateway.provider.callsWithKey("sk-old") == 30);

      Files.writeString(file, "sk-new");
      release.complete(null);

      for (CompletableFuture<HttpResponse<byte[]>> answer : inFlight) {
        assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void mountedSecret_isFollowed_whenKubernetesTurnsTheLink() throws Exception {
    Path first = Files.createDirectory(folder.resolve("..2026_01"));
    Files.writeString(first.resolve("key"), "sk-old");
    Path second = Files.createDirectory(folder.resolve("..2026_02"));
    Files.writeString(second.resolve("key"), "sk-new");
    Files.setLastModifiedTime(
        second.resolve("key"), Files.getLastModifiedTime(first.resolve("key")));
    Path data = Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
    Path key = Files.createSymbolicLink(folder.resolve("key"), Path.of("..data", "key"));
    try (GatewayFixture gateway = start(key)) {
      assertThat(ask(gateway)).isEqualTo(200);

      Path turned = Files.createSymbolicLink(folder.resolve("..data_tmp"), second.getFileName());
      Files.move(turned, data, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);

      awaitUseOf("sk-new", gateway);
    }
  }

  @Test
  void unusableFile_leavesTheKeysAsTheyWere(CapturedOutput output) throws Exception {
    Path file = Files.writeString(folder.resolve("keys"), "sk-old");
    try (GatewayFixture gateway = start(file)) {
      Files.writeString(file, "\n");

      Awaitility.await()
          .atMost(5, TimeUnit.SECONDS)
          .until(
              () -> {
                assertThat(ask(gateway)).isEqualTo(200);
                return output.getAll().contains("The changed key file cannot be used");
              });

      Files.delete(file);
      assertThat(ask(gateway)).isEqualTo(200);
      Files.writeString(file, "sk-new");
      awaitUseOf("sk-new", gateway);
    }
  }

  private void awaitUseOf(String key, GatewayFixture gateway) {
    Awaitility.await()
        .atMost(5, TimeUnit.SECONDS)
        .until(
            () -> {
              assertThat(ask(gateway)).isEqualTo(200);
              return gateway.provider.callsWithKey(key) > 0;
            });
  }

  private GatewayFixture start(Path file) {
    GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.api-key=", "gateway.upstream.api-key-file=" + file);
    gateway.provider.answer("ready", Behaviour.json("{\"status\":\"queued\"}"));
    return gateway;
  }

  private int ask(GatewayFixture gateway) throws IOException, InterruptedException {
    String id = "task-" + ++task;
    gateway.provider.answer(id, Behaviour.json("{\"status\":\"queued\"}"));
    return gateway.get("id=" + id).statusCode();
  }
}
