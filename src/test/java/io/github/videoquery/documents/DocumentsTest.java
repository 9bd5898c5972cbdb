package io.github.videoquery.documents;

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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the documents say is what the code does. */
class DocumentsTest {
  private static GatewayFixture gateway;
  private static List<HttpResponse<byte[]>> answersOfEveryKind = List.of();

  @BeforeAll
  static void start() {
    gateway =
        GatewayFixture.start(
            "gateway.access-log.enabled=true",
            "gateway.cache.redis.enabled=true",
            "spring.data.redis.port=1", // where nothing listens
            "gateway.upstream.response-timeout=1s",
            "gateway.upstream.call-timeout=2s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void configuration_listsEachProperty_withItsDefaultAndDescription() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    Document.read("docs/configuration.md")
        .rows("`gateway\\.[a-z.-]+`")
        .forEach(row -> documented.put(row.get(0), row.get(1) + " | " + row.get(2)));

    assertThat(documented).isEqualTo(propertiesOfTheCode());
  }

  /** They are ours where Spring Boot's would not do. */
  @Test
  void configuration_listsSpringsSettings_withTheGatewaysDefaults() throws IOException {
    PropertySource<?> ours =
        new YamlPropertySourceLoader()
            .load("application.yaml", new ClassPathResource("application.yaml"))
            .getFirst();
    Map<String, String> documented = new TreeMap<>();
    Document.read("docs/configuration.md").rows("`(server|spring|management)\\.[a-z.-]+`").stream()
        .filter(row -> !row.get(1).equals("–"))
        .forEach(row -> documented.put(row.get(0).replace("`", ""), row.get(1).replace("`", "")));
    assertThat(documented.remove("management.tracing.sampling.probability"))
        .as("Spring Boot's")
        .isEqualTo("0.1");

    assertThat(documented)
        .containsKey("server.jetty.connection-idle-timeout")
        .allSatisfy(
            (name, value) -> assertThat(ours.getProperty(name)).as(name).hasToString(value));
  }

  private static Map<String, String> propertiesOfTheCode() throws IOException {
    Map<String, String> properties = new TreeMap<>();
    try (InputStream in =
        DocumentsTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      for (JsonNode property : new JsonMapper().readTree(in).get("properties")) {
        String name = property.get("name").asString();
        if (name.startsWith("gateway.")) {
          String description =
              property
                  .path("description")
                  .asString("")
                  .replaceAll("\\{@code ([^}]*)}|<code>(.*?)</code>", "`$1$2`");
          properties.put(
              "`" + name + "`", text(property.get("defaultValue")) + " | " + description);
        }
      }
    }
    return properties;
  }

  private static String text(JsonNode value) {
    if (value == null) {
      return "–";
    }
    return value.isArray()
        ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(",", "`", "`"))
        : "`" + value.asString().replaceAll("[\\[\\] ]", "") + "`"; // a list of enum constants
  }

  @Test
  void problems_listEachCode_withItsStatus() {
    assertThat(
            Document.read("docs/problems.md").rows("\\d{3}").stream()
                .map(row -> row.get(0) + " " + row.get(1)))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ProblemCode.values())
                .map(code -> code.status() + " `" + code.code() + "`")
                .toList());
  }

  @Test
  void metrics_listEachOfOurs_withItsTags() throws Exception {
    askEverything();
    Map<String, Set<String>> documented = new TreeMap<>();
    Document.read("docs/metrics.md")
        .rows("`(?:gateway|http)_[a-z_]+`")
        .forEach(
            row ->
                documented.put(
                    row.get(0).replace("`", ""),
                    Set.of(row.get(1).replaceAll("[` ]", "").split(",", -1))));

    Map<String, Set<String>> exported = new TreeMap<>();
    Pattern.compile(
            "^((?:gateway|http_server_requests)_[a-z_]+?)(?:_bucket|_sum|_count|_max)?"
                + "(?:\\{(.*)})? \\S+$",
            Pattern.MULTILINE)
        .matcher(gateway.prometheus())
        .results()
        .filter(series -> !series.group(1).startsWith("http_server_requests_active"))
        .forEach(series -> exported.merge(series.group(1), tags(series), DocumentsTest::union));

    assertThat(documented).isEqualTo(exported);
  }

  private static Set<String> tags(MatchResult series) {
    return Pattern.compile("([a-z_]+)=\"")
        .matcher(Objects.requireNonNullElse(series.group(2), ""))
        .results()
        .map(tag -> tag.group(1))
        .filter(tag -> !tag.equals("le"))
        .collect(
            Collectors.collectingAndThen(
                Collectors.toSet(), tags -> tags.isEmpty() ? Set.of("") : tags));
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    return Stream.concat(some.stream(), others.stream()).collect(Collectors.toSet());
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
    return SimpleRequest.Builder.get("/v1/video/query")
        .withHeader("Authorization", "Bearer k")
        .withQueryParam("id", id)
        .build();
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
    gateway.provider.answer("etag:1500000000-overdue", Behaviour.json("{\"status\":\"queued\"}"));
    answers.add(gateway.get("id=etag:1500000000-overdue"));
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
}
