package io.github.videoquery.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

/** The chart's alerts and dashboard: they fire when they should, and speak of metrics there are. */
class AlertsTest {
  private static final Path ALERTS = Path.of("helm/files/alerts.yaml");
  private static final Path DASHBOARD = Path.of("helm/files/dashboard.json");
  private static final Pattern METRIC =
      Pattern.compile("\\b(gateway|http_server|jvm|process|cache)_[a-z_]+\\b(?=[{\\[)])");

  @Test
  void eachAlert_firesWhenItShould() throws Exception {
    promtool("test", "rules", "src/test/resources/chart/alerts-test.yaml");
  }

  @Test
  void eachQueryOfTheDashboard_isAsPrometheusReadsIt(@TempDir Path folder) throws Exception {
    List<String> queries = new ArrayList<>();
    new ObjectMapper()
        .readTree(DASHBOARD.toFile())
        .findValuesAsString("expr")
        .forEach(
            query ->
                queries.add(
                    query
                        .replace("$__rate_interval", "5m")
                        .replace("$namespace", "video")
                        .replace("$job", "gateway")));
    assertThat(queries).hasSizeGreaterThan(20).noneMatch(query -> query.contains("$"));
    var rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    for (int i = 0; i < queries.size(); i++) {
      rules
          .append("  - record: query_" + i + "\n    expr: '")
          .append(queries.get(i).replace("'", "''"))
          .append("'\n");
    }

    Path file = Files.writeString(folder.resolve("dashboard.yaml"), rules);
    promtool("check", "rules", file.toString());
  }

  @Test
  void eachAlert_isTested_andHasItsSectionOfTheRunbook() throws IOException {
    String tests = Files.readString(Path.of("src/test/resources/chart/alerts-test.yaml"));
    String runbook = Files.readString(Path.of("helm/RUNBOOK.md"));
    Set<String> alerts = matches(Pattern.compile("(?<=- alert: )\\w+"), Files.readString(ALERTS));

    assertThat(alerts).hasSizeGreaterThan(10);
    assertThat(alerts)
        .allSatisfy(
            alert -> {
              assertThat(tests).contains("alertname: " + alert + "\n");
              assertThat(runbook).contains("\n## " + alert + "\n");
              assertThat(Files.readString(ALERTS))
                  .contains("RUNBOOK.md#" + alert.toLowerCase(java.util.Locale.ROOT) + "\n");
            });
  }

  @Test
  void eachMetric_isExported() throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.start("gateway.cache.redis.enabled=true", "spring.data.redis.port=1")) {
      gateway.get("id=veo3:1770350082-finished01");
      gateway.get("id=veo3:1770350082-finished01");
      gateway.provider.answerEverything(Behaviour.json("{\"status\":\"new\"}"));
      gateway.get("id=veo3:of-a-new-status");
      gateway.get("id=veo3:1500000000-overdue");
      gateway.get("id="); // a problem
      gateway.prometheus();
      String exported = gateway.prometheus();

      Set<String> named = matches(METRIC, Files.readString(ALERTS) + Files.readString(DASHBOARD));
      assertThat(named).hasSizeGreaterThan(12);
      assertThat(named)
          .allSatisfy(metric -> assertThat(exported).containsPattern("(?m)^" + metric + "(\\{| )"));
    }
  }

  private static void promtool(String... arguments) throws Exception {
    assumeTrue(isInstalled(), "promtool is not installed (Debian's package prometheus)");
    Process promtool =
        new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(promtool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(promtool.exitValue()).as(output).isZero();
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
  }

  private static Set<String> matches(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
