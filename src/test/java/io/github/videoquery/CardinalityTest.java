package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever callers send, memory and metrics stay bounded, and no id becomes a tag. */
class CardinalityTest {
  private static final int IDS = 10_000;
  private static final int MODELS = 1_000;

  @Test
  void hostileIdsAndManyModels_leaveMetricsAndMemoryBounded() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start("gateway.cache.max-size=1MB")) {
      gateway.provider.answerEverything(
          Behaviour.json("{\"status\":\"invented-" + "x".repeat(2_000) + "\"}"));
      Random random = new Random(7);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < IDS; i++) {
        ids.add("model-" + i % MODELS + ":needle" + i + hostile(random));
      }

      List<Integer> statuses = askAll(gateway, ids);

      assertThat(statuses).hasSize(IDS).containsOnly(200, 400).contains(200, 400);
      String metrics = gateway.prometheus();
      assertThat(metrics).doesNotContain("needle").doesNotContain("invented");
      assertThat(tagValues(metrics, "model")).hasSizeLessThanOrEqualTo(33).contains("other");
      assertThat(tagValues(metrics, "status")).isSubsetOf("other", "200", "400");
      assertThat(metrics.lines().filter(line -> line.matches("(gateway|http)_.*")).count())
          .isLessThan(2_000);
      assertThat(gateway.metric("cache_size")).isLessThan(1_000);
    }
  }

  @Test
  void logEvents_areCounted_withoutAFilterThatEachRequestPasses() throws Exception {
    try (GatewayFixture gateway = GatewayFixture.start()) {
      assertThat(gateway.metric("logback_events_total", "level=\"info\"")).isPositive();
      assertThat(((LoggerContext) LoggerFactory.getILoggerFactory()).getTurboFilterList())
          .isEmpty();
    }
  }

  private static List<Integer> askAll(GatewayFixture gateway, List<String> ids) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> asked = new ArrayList<>();
      for (String id : ids) {
        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8);
        asked.add(threads.submit(() -> gateway.get("id=" + encoded).statusCode()));
      }
      for (Future<Integer> status : asked) {
        statuses.add(status.get(120, TimeUnit.SECONDS));
      }
    }
    return statuses;
  }

  /** Mostly visible ASCII with quotes and braces; now and then something that must be refused. */
  private static String hostile(Random random) {
    String alphabet = "\"{}\\=,;<>&%+#?/:'`$|~!@^*()[]_-.aZ9";
    String text =
        random
            .ints(random.nextInt(1, 60), 0, alphabet.length())
            .mapToObj(i -> String.valueOf(alphabet.charAt(i)))
            .collect(Collectors.joining());
    return random.nextInt(10) == 0 ? text + "\u0000\n\u00e9" : text;
  }

  private static List<String> tagValues(String metrics, String tag) {
    return Pattern.compile(
            "^(?:gateway|http)_\\w*\\{.*\\b" + tag + "=\"([^\"]*)\"", Pattern.MULTILINE)
        .matcher(metrics)
        .results()
        .map(match -> match.group(1))
        .distinct()
        .toList();
  }
}
