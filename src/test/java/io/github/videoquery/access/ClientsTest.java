package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
        "client: [{name: a}]|the field 'client'",
        "clients: [{name: a}]|has no keys",
        "clients: [{name: a, keys: []}]|has no keys",
        "clients: [{keys: [\"HASH\"]}]|needs a name",
        "clients: [{name: a b, keys: [\"HASH\"]}]|needs a name",
        "clients: [{name: a, keys: [\"key-a\"]}]|sha256:",
        "clients: [{name: a, keys: [\"HASH\"]}, {name: b, keys: [\"HASH\"]}]|shares a key",
        "clients: [{name: a, keys: [\"HASH\"]}, {name: a, keys: [\"HASH\"]}]|listed twice",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 5}}]|Client a: give its rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 0, burst: 1}}]|give its rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 1000001, burst: 1}}]|give its"
            + " rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 1, burst: 1.5}}]|give its rate",
        "clients: [{name: a, keys: [\"HASH\"], rate: 5}]|Client a: its rate is written with its"
            + " fields, as in {per-second: …, burst: …}",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 1, burst: 1, max: 1}}]|Client a:"
            + " its rate has the field 'max'",
        "clients: [{name: a, keys: [\"HASH\"], modles: [veo3]}]|Client a has the field 'modles'",
        "clients: [{name: a, keys: [\"HASH\"], models: {veo3: yes}}]|write models as a list",
        "clients: [{name: a, keys: [\"HASH\"], models: [[veo3]]}]|write models as a list",
        "clients: [{name: a, keys: [\"HASH\"], models: }]|Leave the line out for all",
        "clients: [{name: a, keys: [\"HASH\"], models: \" \"}]|Leave the line out for all",
        "clients: [{name: a, keys: [\"HASH\"], models: \",\"}]|Leave the line out for all",
        "clients: [{name: a, keys: [\"HASH\"], rate: }]|Client a: give its rate",
        "clients: [{name: [a], keys: [\"HASH\"]}]|write name as one text",
        "clients: [{name: a, name: b, keys: [\"HASH\"]}]|duplicate key",
        "clients: [{name: a, per-second: 1, keys: [\"HASH\"]}]|the field 'per-second', which is"
            + " unknown",
        "clients: [{name: a, keys: [\"HASH\"], rate: {per-second: 1, perSecond: 1, burst: 1}}]"
            + "|written twice",
        "clients: [{name: a, keys: [\"HASH\"], expires: tomorrow}]|Client a: write expires as a"
            + " date and a time with its zone, like 2027-01-31T18:00:00Z, not tomorrow",
        "clients: [{name: a, keys: [\"HASH\"], expires: 2026-12-01}]|not 2026-12-01",
        "clients: [{name: a, keys: [\"HASH\"], expires: 1796083200}]|not 1796083200",
        "clients: [{name: a, keys: [\"HASH\"], expires: 2026-12-01T00:00:00}]|with its zone",
        "clients: [a]|An entry is written with its fields",
        "clients: {a: b}|the clients are a list",
        "clients: !!java.io.File a|cannot be read",
        "model: x|has the field 'model'",
        "'clients: [{'|cannot be read",
        "clients: text|cannot be read",
      })
  void file_isRefused_withASentence(String yaml, String sentence) {
    assertThatThrownBy(() -> load(yaml.replace("HASH", hash("key-a"))))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void secondDocument_isRefused() {
    String one = "clients: [{name: a, keys: [\"%s\"]}]".formatted(hash("key-a"));

    assertThatThrownBy(() -> load(one + "\n---\n" + one)).hasMessageContaining("second YAML");
    assertThat(load("---\n" + one + "\n...\n").count()).isEqualTo(1);
    assertThat(load(one + "\n---\n# the end\n").count()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "1_000", "10.0", "1e+06", "\" 5 \""})
  void burst_isAWholeNumber_howeverItIsWritten(String burst) {
    String rate = "rate: {per-second: 5, burst: " + burst + "}";

    assertThat(load("clients: [{name: a, keys: " + hash("a") + ", " + rate + "}]").count())
        .isEqualTo(1);
  }

  @Test
  void anchors_mayStandInAFieldOfTheirOwn() {
    Clients clients =
        load(
            """
            x-standard: &standard {per-second: 5, burst: 10}
            clients:
              - {name: a, keys: %s, rate: *standard, expires: ''}
            """
                .formatted(hash("a")));

    assertThat(clients.ofKey("a", NOW)).isNotNull();
  }

  @Test
  void fieldsOfAnAnchor_areMerged() {
    Clients clients =
        load(
            """
            x-standard: &standard {models: [veo3], rate: {per-second: 1, burst: 1}}
            clients:
              - {name: a, keys: %s, <<: *standard}
            """
                .formatted(hash("a")));

    assertThat(Objects.requireNonNull(clients.ofKey("a", NOW)).models()).containsExactly("veo3");
  }

  @Test
  void rate_isTheClientsOwn() {
    Clients clients =
        load(
            "clients: [{name: a, keys: %s, rate: {per-second: 1, burst: 1}}, {name: b, keys: %s}]"
                .formatted(hash("a"), hash("b")));
    Client slow = Objects.requireNonNull(clients.ofKey("a", NOW));
    Client standard = Objects.requireNonNull(clients.ofKey("b", NOW));

    for (int i = 0; i < 10; i++) { // a hit costs a tenth
      slow.chargeHit();
      standard.chargeHit();
    }
    assertThatThrownBy(slow::chargeHit).isInstanceOf(ProblemException.class);
    standard.chargeHit();
  }

  @Test
  void texts_areSeparatedByCommas() {
    Clients clients =
        load("clients: [{name: a, keys: %s, models: ', veo3,,sora-2 '}]".formatted(hash("a")));

    assertThat(Objects.requireNonNull(clients.ofKey("a", NOW)).models())
        .containsExactly("veo3", "sora-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"clients:", "clients: ''", "clients: []", ""})
  void fileMayListNobody_whereTheIssuerKnowsTheClients(String yaml) {
    assertThat(parse(yaml.getBytes(StandardCharsets.UTF_8), false).count()).isZero();
  }

  /** Printed, it would fill the heap. */
  @Test
  void nestedAliases_areNotPrinted() {
    var yaml = new StringBuilder("x-0: &a0 [x]\n");
    for (int i = 1; i <= 12; i++) {
      yaml.append("x-").append(i).append(": &a").append(i).append(" [");
      yaml.append(String.join(",", Collections.nCopies(8, "*a" + (i - 1))));
      yaml.append("]\n");
    }
    yaml.append("clients: [{name: *a12, keys: [").append(hash("a")).append("]}]");

    assertThatThrownBy(() -> load(yaml.toString())).hasMessageContaining("write name as one text");
    assertThatThrownBy(() -> load("clients: [&e {name: [*e], keys: a}]"))
        .hasMessageContaining("write name as one text");
  }

  /** Not as YAML 1.1 would guess: 7, true, a date. */
  @ParameterizedTest
  @ValueSource(strings = {"007", "yes", "on", "2026-02-06", "1e3", "0x10", "1_000", "12.50"})
  void name_isTheTextAsWritten(String name) {
    assertThat(load("clients: [{name: " + name + ", keys: [\"" + hash("a") + "\"]}]").named(name))
        .isNotNull();
  }

  @Test
  void fieldsAndLists_areReadAsInSpringsFiles() {
    Clients clients =
        load(
            """
            clients:
              - NAME: a
                keys: %s
                models: veo3*, sora-2
                rate: {perSecond: 2.5, burst: 10}
                expires: 2026-02-06T13:00:00+01:00
              - {name: b, keys: "%s,%s", rate: {per_second: 1, Burst: 2}}
            """
                .formatted(hash("key-a"), hash("key-b"), hash("key-c")));

    Client a = Objects.requireNonNull(clients.ofKey("key-a", NOW.minusSeconds(1)));
    assertThat(a.models()).containsExactly("veo3*", "sora-2");
    assertThat(clients.ofKey("key-a", NOW)).as("expired").isNull();
    assertThat(clients.ofKey("key-b", NOW)).isNotNull().isSameAs(clients.ofKey("key-c", NOW));
  }

  @Test
  void models_areAll_whereNotNamed_andNone_whereTheListIsEmpty() {
    Clients clients =
        load(
            "clients: [{name: a, keys: %s}, {name: b, keys: %s, models: []}]"
                .formatted(hash("key-a"), hash("key-b")));

    Objects.requireNonNull(clients.ofKey("key-a", NOW)).requireMayAsk(new TaskId("task_abc"));
    Client none = Objects.requireNonNull(clients.ofKey("key-b", NOW));
    assertThatThrownBy(() -> none.requireMayAsk(new TaskId("veo3:1")))
        .isInstanceOf(ProblemException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system:serviceaccount:team-a:default",
        "auth0|507f1f77bcf8",
        "repo:org/app:ref:refs/heads",
        "Zoë Müller",
        "你好"
      })
  void name_isAnyPrintableText_whereTheIssuerChoosesIt(String name) {
    String yaml = "clients: [{name: '" + name + "', models: [veo3]}]";

    assertThat(parse(yaml.getBytes(StandardCharsets.UTF_8), false).named(name)).isNotNull();
    assertThatThrownBy(() -> load(yaml)).hasMessageContaining("1 to 64 letters");
  }

  @Test
  void name_hasAtMost256Characters() {
    String longest = "n".repeat(256);
    byte[] yaml = ("clients: [{name: " + longest + "}]").getBytes(StandardCharsets.UTF_8);
    byte[] longer = ("clients: [{name: n" + longest + "}]").getBytes(StandardCharsets.UTF_8);

    assertThat(parse(yaml, false).named(longest)).isNotNull();
    assertThatThrownBy(() -> parse(longer, false))
        .hasMessageContaining("1 to 256 printable characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"''", "' '", "\"a\\u0000\"", "\"a\\n\"", "\"\\u200b\"", "~"})
  void name_isRefused_whereItCannotBePrinted(String name) {
    String yaml = "clients: [{name: " + name + ", models: [veo3]}]";

    assertThatThrownBy(() -> parse(yaml.getBytes(StandardCharsets.UTF_8), false))
        .hasMessageContaining("1 to 256 printable characters");
  }

  /** Each with an alias for its rate; 3 MB and more of text, which is YAML libraries' limit. */
  @Test
  void thousandsOfClients_areRead() {
    var yaml = new StringBuilder("clients:\n");
    for (int i = 0; i < 10_000; i++) {
      yaml.append("- name: client-").append(i).append("\n  rate: ");
      yaml.append(i == 0 ? "&rate {per-second: 5, burst: 10}" : "*rate");
      yaml.append("\n  keys:\n");
      for (int key = 0; key < 4; key++) {
        yaml.append("  - \"").append(hash(i + "-" + key)).append("\"\n");
      }
    }
    assertThat(yaml.length()).isGreaterThan(3_145_728);

    Clients clients = load(yaml.toString());

    assertThat(clients.count()).isEqualTo(10_000);
    assertThat(clients.ofKey("9999-3", NOW)).isNotNull();
  }

  @Test
  void file_isRefused_whenMissing() {
    assertThatThrownBy(
            () ->
                new ClientsFile(folder.resolve("none.yaml"), yaml -> parse(yaml), new FileWatch()))
        .hasMessageContaining("cannot be read");
  }

  private Clients load(String yaml) {
    return parse(yaml.getBytes(StandardCharsets.UTF_8));
  }

  private Clients parse(byte[] yaml) {
    return parse(yaml, true);
  }

  private Clients parse(byte[] yaml, boolean withKeys) {
    return ClientsParser.parse(
        yaml,
        folder.resolve("clients.yaml"),
        withKeys,
        new RateLimiters(new AccessProperties.RateLimit(50, 100, 0.1), TimeSource.SYSTEM));
  }

  private static String hash(String key) {
    return "sha256:" + Clients.sha256(key);
  }
}
