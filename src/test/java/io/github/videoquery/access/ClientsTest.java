package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

class ClientsTest {

  private static final Instant NOW = Instant.parse("2026-02-06T12:00:00Z");

  @TempDir Path folder;

  @Test
  void client_isFound_byEachOfItsKeys() {
    Clients clients =
        load(
            """
            clients:
              - name: team-a
                keys: ["%s", "%s"]
                models: ["veo3*", "sora-2"]
              - name: team-b
                keys: ["%s"]
                expires: 2026-02-06T12:00:01Z
            """
                .formatted(hash("key-a"), hash("key-b"), hash("key-c")));

    assertThat(clients.ofKey("key-a", NOW)).extracting(Client::name).isEqualTo("team-a");
    assertThat(clients.ofKey("key-b", NOW)).extracting(Client::name).isEqualTo("team-a");
    assertThat(clients.ofKey("key-c", NOW)).extracting(Client::name).isEqualTo("team-b");
    assertThat(clients.ofKey("key-c", NOW.plusSeconds(1))).isNull();
    assertThat(clients.ofKey("key-d", NOW)).isNull();
    assertThat(clients.ofKey("", NOW)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "veo3.1-fast:1, true",
    "sora-2:1, true",
    "sora-20:1, false",
    "veo2:1, false",
    "task_abc, false"
  })
  void caller_maySeeOnlyTheModelsListed(String id, boolean allowed) {
    Clients clients =
        load(
            "clients: [{name: a, keys: [\"%s\"], models: [\"veo3*\", sora-2]}]"
                .formatted(hash("key-a")));
    Client caller = Objects.requireNonNull(clients.ofKey("key-a", NOW));

    if (allowed) {
      caller.requireMayAsk(new TaskId(id));
    } else {
      assertThatThrownBy(() -> caller.requireMayAsk(new TaskId(id)))
          .isInstanceOf(ProblemException.class)
          .hasMessage("forbidden");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clients: []|lists no client",
        "''|nothing under 'clients:'",
        "client: [{name: a}]|nothing under 'clients:'",
        "clients: [{name: a}]|has no keys",
        "clients: [{name: a, keys: []}]|has no keys",
        "clients: [{keys: [\"HASH\"]}]|needs a name",
        "clients: [{name: a b, keys: [\"HASH\"]}]|needs a name",
        "clients: [{name: a, keys: [\"key-a\"]}]|sha256:",
        "clients: [{name: a, keys: [\"HASH\"]}, {name: b, keys: [\"HASH\"]}]|shares a key",
        "clients: [{name: a, keys: [\"HASH\"]}, {name: a, keys: [\"HASH\"]}]|listed twice",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 5}}]|give its rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 0, burst: 1}}]|give its rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 1000001, burst: 1}}]|give its"
            + " rate",
        "clients: [{name: a, keys: [\"HASH\"], modles: [veo3]}]|modles",
        "clients: [{name: a, keys: [\"HASH\"], expires: tomorrow}]|tomorrow",
        "'clients: [{'|cannot be read",
        "clients: text|cannot be read",
      })
  void file_isRefused_withASentence(String yaml, String sentence) {
    assertThatThrownBy(() -> load(yaml.replace("HASH", hash("key-a"))))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void file_isRefused_whenMissing() {
    assertThatThrownBy(() -> new ClientsFile(folder.resolve("none.yaml"), yaml -> parse(yaml)))
        .hasMessageContaining("cannot be read");
  }

  private Clients load(String yaml) {
    return parse(yaml.getBytes(StandardCharsets.UTF_8));
  }

  private Clients parse(byte[] yaml) {
    return ClientsParser.parse(
        yaml,
        folder.resolve("clients.yaml"),
        true,
        new RateLimiters(new AccessProperties.RateLimit(50, 100, 0.1), TimeSource.SYSTEM));
  }

  private static String hash(String key) {
    return "sha256:" + Clients.sha256(key);
  }
}
