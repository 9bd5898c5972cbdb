package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.Sse;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /openapi-3.2.yaml}: what it adds to {@code /openapi.yaml}, and whether streams keep it.
 */
class StreamContractTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Behaviour FINISHED =
      Behaviour.json("{\"status\":\"completed\",\"video_url\":\"https://a.example/v.mp4\"}");
  private static final Behaviour FAILED = Behaviour.json("{\"status\":\"failed\"}");

  private static GatewayFixture gateway;

  @BeforeAll
  static void start() {
    gateway = GatewayFixture.startInRealTime("gateway.cache.unfinished-ttl=100ms");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static String text(String path) throws Exception {
    return new String(
        gateway.send("GET", gateway.query("").resolve(path)).body(), StandardCharsets.UTF_8);
  }

  private static ObjectNode document(String path) throws Exception {
    return (ObjectNode) JSON.valueToTree(new Yaml().load(text(path)));
  }

  @Test
  void documentsAreTheSame_butForTheEventsOfAStream() throws Exception {
    ObjectNode older = document("/openapi.yaml");
    ObjectNode newer = document("/openapi-3.2.yaml");

    assertThat(older.get("openapi").asString()).isLessThan("3.2");
    assertThat(newer.get("openapi").asString()).isEqualTo("3.2.0");
    newer.set("openapi", older.get("openapi"));
    String events = "/paths/~1v1~1video~1query/get/responses/200/content/text~1event-stream";
    var media = (ObjectNode) newer.at(events);
    assertThat(media.at("/itemSchema/$ref").asString())
        .isEqualTo("#/components/schemas/StreamEvent");
    media.remove("itemSchema");
    media.setAll((ObjectNode) older.at(events));
    var schemas = (ObjectNode) newer.at("/components/schemas");
    assertThat(schemas.remove("StreamEvent")).isNotNull();
    assertThat(newer).isEqualTo(older);
  }

  @Test
  void streamOfSeveralTasks_keepsTheSchema() throws Exception {
    gateway.provider.answer("stream:1", Behaviour.json("{\"status\":\"queued\"}"));
    gateway.provider.answer("stream:2", Behaviour.error(500, "x", "new_api_error", ""));
    String expected = expectedSoon("several0001");
    assertThat(
            used(
                "id=stream:1&id=stream:2&id=sim:unknown&id=" + expected,
                Map.of("expected", FINISHED),
                List.of("stream:1", "stream:2", expected)))
        .containsExactly("done", "end", "expected", "problem", "status");
  }

  @Test
  void streamOfOneTask_keepsTheSchema() throws Exception {
    String id = expectedSoon("sole0000001");
    assertThat(
            used(
                "id=" + id,
                Map.of(
                    "expected", Behaviour.error(500, "x", "new_api_error", ""), "problem", FAILED),
                List.of(id)))
        .containsExactly("end", "expected", "problem", "status");
  }

  /** A task that is under way, and of a model whose usual duration is known. */
  private static String expectedSoon(String name) throws Exception {
    long now = Instant.now().getEpochSecond();
    gateway.get("id=veo3-fast:" + (now - 400) + "-done" + name);
    String id = "veo3-fast:" + now + '-' + name;
    gateway.provider.answer(id, Behaviour.json("{\"status\":\"queued\"}"));
    return id;
  }

  /**
   * The names of the stream's events.
   *
   * @param next how its tasks are answered from the first event of this name on
   */
  private static Set<String> used(
      String parameters, Map<String, Behaviour> next, List<String> tasks) throws Exception {
    Set<String> used = new TreeSet<>();
    try (Sse stream = Sse.open(gateway, parameters)) {
      for (Sse.Event event = stream.next(); event != null; event = stream.next()) {
        if (!Set.of("comment", "retry").contains(event.name())) {
          assertThat(isDescribed(event, tasks.size() > 1)).as(event.toString()).isTrue();
          Behaviour from = used.add(event.name()) ? next.get(event.name()) : null;
          if (from != null) {
            tasks.forEach(id -> gateway.provider.answer(id, from));
          }
        }
      }
    }
    return used;
  }

  @Test
  void otherEvents_areNotDescribed() throws Exception {
    for (boolean isOfSeveral : List.of(true, false)) {
      assertThat(isDescribed(new Sse.Event("news", "1", "{}"), isOfSeveral)).isFalse();
      assertThat(isDescribed(new Sse.Event("end", "1", "over"), isOfSeveral)).isFalse();
      assertThat(isDescribed(new Sse.Event("problem", "1", "{\"id\":\"a\"}"), isOfSeveral))
          .isFalse();
    }
    assertThat(isDescribed(new Sse.Event("end", "1", "{\"id\":\"a\",\"end\":\"over\"}"), true))
        .isFalse();
    assertThat(isDescribed(new Sse.Event("status", "1", "{\"status\":\"queued\"}"), true))
        .isFalse();
    assertThat(isDescribed(new Sse.Event("end", "1", "finished"), true)).isFalse();
  }

  /** Whether it is one of the events of such a stream, its data included. */
  private static boolean isDescribed(Sse.Event event, boolean isOfSeveral) throws Exception {
    Map<String, String> fields = new TreeMap<>(Map.of("event", event.name(), "data", event.data()));
    if (event.id() != null) {
      fields.put("id", event.id());
    }
    ObjectNode document = document("/openapi-3.2.yaml");
    JsonNode kinds = document.at("/components/schemas/StreamEvent/anyOf");
    boolean isDescribed = false;
    for (int i = 0; i < kinds.size(); i++) {
      if (kinds.get(i).get("title").asString().contains("several tasks") == isOfSeveral) {
        String kind = "#/components/schemas/StreamEvent/anyOf/" + i;
        boolean hasContent = !kinds.get(i).at("/properties/data/contentSchema").isMissingNode();
        isDescribed |=
            fits(document, kind, JSON.writeValueAsString(fields))
                && (!hasContent
                    || fits(document, kind + "/properties/data/contentSchema", event.data()));
      }
    }
    return isDescribed;
  }

  private static boolean fits(ObjectNode document, String pointer, String json) {
    ObjectNode root = document.deepCopy();
    root.put("$ref", pointer);
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(root.toString(), InputFormat.JSON);
    try {
      return schema.validate(json, InputFormat.JSON).isEmpty();
    } catch (UncheckedIOException notJson) {
      return false;
    }
  }
}
