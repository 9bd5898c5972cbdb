package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.simulation.Faults;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the documents say is what the code does. */
class DocumentsTest {
  private static GatewayFixture gateway;
  private static List<HttpResponse<byte[]>> answersOfEveryKind = List.of();
  private static String readme;

  @BeforeAll
  static void start() throws IOException {
    gateway =
        GatewayFixture.start(
            "gateway.access-log.enabled=true",
            "gateway.upstream.response-timeout=1s",
            "gateway.upstream.call-timeout=2s");
    readme = Files.readString(Path.of("README.md"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void readme_listsEachProperty_withItsDefault() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    rows("gateway\\.[a-z.-]+")
        .forEach(
            row -> documented.put(row.group(1), row.group(2).replace("`", "").replace("–", "")));

    assertThat(documented).isEqualTo(propertiesOfTheCode());
  }

  private static Map<String, String> propertiesOfTheCode() throws IOException {
    Map<String, String> properties = new TreeMap<>();
    try (InputStream in =
        DocumentsTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      for (JsonNode property : new JsonMapper().readTree(in).get("properties")) {
        String name = property.get("name").asString();
        if (name.startsWith("gateway.")) {
          properties.put(name, text(property.get("defaultValue")));
        }
      }
    }
    return properties;
  }

  private static String text(JsonNode value) {
    if (value == null) {
      return "";
    }
    return value.isArray()
        ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(","))
        : value.asString().replaceAll("[\\[\\] ]", ""); // a list of enum constants
  }

  @Test
  void readme_listsEachError_withItsStatus() {
    Set<String> documented = new TreeSet<>();
    Pattern.compile("^\\| ([0-9 ·]+) \\| (`[^|]+`) \\|", Pattern.MULTILINE)
        .matcher(readme)
        .results()
        .forEach(
            row -> {
              String[] statuses = row.group(1).split(" · ", -1);
              String[] codes = row.group(2).replace("`", "").split(" · ", -1);
              for (int i = 0; i < codes.length; i++) {
                documented.add(
                    statuses[Math.min(i, statuses.length - 1)].strip() + " " + codes[i].strip());
              }
            });

    assertThat(documented)
        .isEqualTo(
            Arrays.stream(ProblemCode.values())
                .map(code -> code.status() + " " + code.code())
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void readme_listsEachMetricOfOurs() throws Exception {
    askEverything();
    Set<String> documented =
        rows("(?:gateway|http)_[a-z_]+").stream()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> exported =
        Pattern.compile(
                "^((?:gateway|http_server_requests)_[a-z_]+?)(?:_bucket|_sum|_count|_max)?(?:\\{.*)?"
                    + " \\S+$",
                Pattern.MULTILINE)
            .matcher(gateway.prometheus())
            .results()
            .map(match -> match.group(1))
            .filter(name -> !name.startsWith("http_server_requests_active"))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(documented).isEqualTo(exported);
  }

  @Test
  void poolOfConnections_isMeasured() throws Exception {
    askEverything();

    assertThat(gateway.prometheus())
        .contains("reactor_netty_connection_provider_active_connections")
        .contains("reactor_netty_connection_provider_idle_connections");
  }

  @Test
  void histograms_haveAtMost12Buckets() throws Exception {
    askEverything();

    Map<String, Long> buckets =
        gateway
            .prometheus()
            .lines()
            .filter(line -> line.contains("_bucket{") && !line.contains("le=\"+Inf\""))
            .collect(
                Collectors.groupingBy(
                    line -> line.replaceAll(",?le=\"[^\"]*\"", "").replaceAll(" \\S+$", ""),
                    Collectors.counting()));

    assertThat(buckets)
        .isNotEmpty()
        .allSatisfy((series, count) -> assertThat(count).isLessThanOrEqualTo(12));
  }

  @Test
  void openapi_describesEachAnswer() throws Exception {
    var validator =
        OpenApiInteractionValidator.createFor("static/openapi.yaml")
            .withLevelResolver(
                LevelResolver.create()
                    .withLevel(
                        "validation.schema.additionalProperties", ValidationReport.Level.IGNORE)
                    .build())
            .build();

    List<String> violations = new ArrayList<>();
    for (HttpResponse<byte[]> answer : askEverything()) {
      var response = new SimpleResponse.Builder(answer.statusCode());
      answer.headers().map().forEach(response::withHeader);
      if (answer.body().length > 0) {
        assertThat(answer.headers().firstValue("Content-Type")).isPresent();
        response.withBody(answer.body());
      }
      validator
          .validateResponse(
              "/v1/video/query",
              Request.Method.valueOf(answer.request().method()),
              response.build())
          .getMessages()
          .forEach(
              message ->
                  violations.add(answer + ": " + message.getKey() + " " + message.getMessage()));
    }

    assertThat(violations).isEmpty();
  }

  @Test
  void openapi_acceptsTheQuestionsTheGatewayAccepts() {
    var validator = OpenApiInteractionValidator.createFor("static/openapi.yaml").build();

    assertThat(
            validator.validateRequest(question("veo3.1-fast:1770350082-trii1OXZc3")).getMessages())
        .isEmpty();
    assertThat(validator.validateRequest(question("")).getMessages()).isNotEmpty();
    assertThat(validator.validateRequest(question("a b")).getMessages()).isNotEmpty();
  }

  private static Request question(String id) {
    return SimpleRequest.Builder.get("/v1/video/query").withQueryParam("id", id).build();
  }

  @Test
  void openapi_listsEachCode() throws IOException {
    String openapi = Files.readString(Path.of("src/main/resources/static/openapi.yaml"));
    Set<String> listed =
        Pattern.compile("^ {12}- ([a-z-]+)$", Pattern.MULTILINE)
            .matcher(openapi)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(listed)
        .isEqualTo(
            Arrays.stream(ProblemCode.values())
                .map(ProblemCode::code)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void readme_isShortEnoughToBeRead() {
    assertThat(readme.lines().count()).isLessThan(250);
  }

  /** Answers that strict JSON readers refuse; they are passed on byte for byte. */
  private static final Set<String> NOT_STRICT_JSON = Set.of("gbk", "not-a-number", "raw-line-feed");

  /** Answers of every kind; asked for once, as some take as long as a time limit. */
  private static List<HttpResponse<byte[]>> askEverything() throws Exception {
    if (answersOfEveryKind.isEmpty()) {
      answersOfEveryKind = askForEachKind();
    }
    return answersOfEveryKind;
  }

  private static List<HttpResponse<byte[]>> askForEachKind() throws Exception {
    List<HttpResponse<byte[]>> answers = new ArrayList<>();
    var faults = new TreeSet<>(Faults.BY_NAME.keySet());
    assertThat(faults.removeAll(NOT_STRICT_JSON)).isTrue();
    for (String fault : faults) {
      answers.add(gateway.get("id=sim:" + fault));
    }
    long now = gateway.time.instant().getEpochSecond();
    for (String model : List.of("veo3.1-fast", "veo3", "sora-2", "dream-1")) {
      for (int age : List.of(0, 100, 1000)) {
        answers.add(gateway.get("id=" + model + ":" + (now - age) + "-abcdefghij"));
      }
    }
    gateway.provider.answer("etag", Behaviour.json("{\"status\":\"queued\"}"));
    HttpResponse<byte[]> first = gateway.get("id=etag");
    answers.add(first);
    answers.add(
        gateway.get("id=etag", "If-None-Match", first.headers().firstValue("ETag").orElseThrow()));
    answers.add(gateway.send("HEAD", gateway.query("id=etag")));
    answers.add(gateway.get("id="));
    answers.add(gateway.get("id=a&model=/"));
    answers.add(gateway.get("id=a", "Accept", "text/html"));
    answers.add(gateway.get("id=a&wait=soon"));
    gateway.provider.answer("ended", Behaviour.json("{\"status\":\"failed\"}"));
    answers.add(gateway.get("id=ended", "Prefer", "wait=1"));
    answers.add(gateway.get("id=ended", "Accept", "text/event-stream"));
    String seen = lastEventId(answers.getLast());
    answers.add(gateway.get("id=ended", "Accept", "text/event-stream", "Last-Event-ID", seen));
    assertThat(answers.getLast().statusCode()).isEqualTo(204);
    answers.addAll(meetALimit());
    return answers;
  }

  private static List<HttpResponse<byte[]>> meetALimit() throws Exception {
    Path clients = Files.createTempFile("clients", ".yaml");
    Files.writeString(
        clients,
        "clients:\n  - name: slow\n    keys: [\"sha256:"
            + "6fa0d18ad9d40c2e55ddba9c9110a429590843f1c7096d894e1f3aa68c420cee" // slow-key
            + "\"]\n    rate: {per-second: 0.1, burst: 1}\n");
    try (var limited =
        GatewayFixture.start(
            "gateway.access.mode=api-key", "gateway.access.clients-file=" + clients)) {
      String[] key = {"Authorization", "Bearer slow-key"};
      limited.get("id=a", key);
      List<HttpResponse<byte[]>> answers =
          List.of(limited.get("id=b", key), limited.send("HEAD", limited.query("id=b"), key));
      assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(429));
      return answers;
    } finally {
      Files.delete(clients);
    }
  }

  private static String lastEventId(HttpResponse<byte[]> stream) {
    return new String(stream.body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("id: "))
        .map(line -> line.substring(4))
        .reduce("", (before, last) -> last);
  }

  private static List<MatchResult> rows(String name) {
    return Pattern.compile(
            "^\\| `(" + name + ")(?:\\{[^`]*)?` \\|(?: ([^|]*?) \\|)?", Pattern.MULTILINE)
        .matcher(readme)
        .results()
        .toList();
  }
}
