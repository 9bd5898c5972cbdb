package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.support.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws Exception {
    file = Files.writeString(folder.resolve("keys"), "sk-1\nsk-2\nsk-3\n");
  }

  @Test
  void rejectedKey_rests_andIsThenTriedFirst_byOneQuery() {
    Keys keys = keys();
    assertThat(secrets(keys)).containsExactly("sk-1", "sk-2", "sk-3");
    Key first = keys.candidates().getFirst();
    first.rejected("credentials");
    assertThat(secrets(keys)).containsExactly("sk-2", "sk-3");

    time.advance(Duration.ofSeconds(60));

    assertThat(secrets(keys)).containsExactly("sk-1", "sk-2", "sk-3");
    assertThat(secrets(keys)).as("one query tries it").containsExactly("sk-2", "sk-3");
    first.accepted();
    assertThat(secrets(keys)).containsExactly("sk-1", "sk-2", "sk-3");
  }

  /** A spare key would never be used while the first works, and its gauge stay at 0 for ever. */
  @Test
  void rejectedSpareKey_isTriedBeforeTheFirst_whenItHasRested() {
    Keys keys = keys();
    Key spare = keys.candidates().get(1);
    spare.rejected("quota");
    assertThat(secrets(keys)).containsExactly("sk-1", "sk-3");

    time.advance(Duration.ofSeconds(60));

    assertThat(secrets(keys)).containsExactly("sk-2", "sk-1", "sk-3");
  }

  @Test
  void lastKey_isAlwaysACandidate_andAllAre_whenAllWereRejected() {
    Keys keys = keys();
    keys.candidates().forEach(key -> key.rejected("credentials"));

    assertThat(secrets(keys)).containsExactly("sk-1", "sk-2", "sk-3");
  }

  @Test
  void changedFile_isUsed_whenItWasFoundTwiceAlike() throws Exception {
    Keys keys = keys();
    Files.writeString(file, "sk-4\n");
    watch.look();
    assertThat(secrets(keys)).as("may be half-written").contains("sk-1");
    watch.look();
    assertThat(secrets(keys)).containsExactly("sk-4");

    Files.writeString(file, "# none\n");
    watch.look();
    watch.look();
    assertThat(secrets(keys)).containsExactly("sk-4");
  }

  @Test
  void onlyKey_isTriedAgainAndAgain() throws Exception {
    Files.writeString(file, "sk-only");
    Keys keys = keys();
    keys.candidates().getFirst().rejected("credentials");

    assertThat(secrets(keys)).containsExactly("sk-only");
    time.advance(Duration.ofMinutes(2));
    assertThat(secrets(keys)).containsExactly("sk-only");
  }

  @Test
  void key_isFoundInABody() {
    ApiKey key = new ApiKey("sk-1");
    assertThat(key.isIn(bytes("{\"a\":\"Bearer sk-1\"}"))).isTrue();
    assertThat(key.isIn(bytes("sk-1"))).isTrue();
    assertThat(key.isIn(bytes("ssk-1"))).isTrue();
    assertThat(key.isIn(bytes("sk-2 sk-"))).isFalse();
    assertThat(key.isIn(bytes(""))).isFalse();
    for (int before = (64 << 10) - 5; before < (64 << 10) + 5; before++) {
      assertThat(key.isIn(bytes(" ".repeat(before) + "sk-1"))).isTrue();
      assertThat(key.isIn(bytes(" ".repeat(before) + "sk-2"))).isFalse();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private final FileWatch watch = new FileWatch();

  private Keys keys() {
    var settings =
        new AccountProperties(
            "a",
            URI.create("http://provider"),
            null,
            file,
            List.of(),
            null,
            null,
            null,
            null,
            null);
    return new Keys("gateway.upstream.", settings, registry, watch, time);
  }

  private static List<String> secrets(Keys keys) {
    return keys.candidates().stream().map(key -> key.key().secret()).toList();
  }
}
