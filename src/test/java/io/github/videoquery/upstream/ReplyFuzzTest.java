package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Damaged answers: each is classified without an exception, and none is taken for finished that
 * another JSON parser does not find finished.
 */
class ReplyFuzzTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int TRIES = 20_000;
  private static final String[] TOKENS = {
    "\"status\":",
    "\"completed\"",
    "\"failed\"",
    "null",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "\\u0000",
    "\\",
    "1e999999",
    "-0",
    "\"video_url\":\"u\"",
    "\"detail\":{",
    "\"running\":true",
    "\"data\":null",
    "\"code\":\"success\"",
    "\"error\":{}",
    "99999999999999999999",
    "\uFEFF",
    "\u00e9",
    "tru"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedAnswer_isClassified_andNeverWronglyFinished(long seed) {
    Random random = new Random(seed);
    List<byte[]> corpus = corpus();
    for (int i = 0; i < TRIES; i++) {
      byte[] body = damage(corpus.get(random.nextInt(corpus.size())), random);
      int status = random.nextInt(4) > 0 ? 200 : 100 + random.nextInt(500);

      TaskReply reply = ReplyClassifier.classify(status, body, null, null, _ -> {});

      if (reply instanceof Known known) {
        assertThat(status / 100).isEqualTo(2);
        assertThat(known.body().bytes()).isSameAs(body);
      }
      if (reply instanceof Finished) {
        assertThat(isFinished(body)).as(new String(body, StandardCharsets.UTF_8)).isTrue();
      }
    }
  }

  private static boolean isFinished(byte[] body) {
    JsonNode task;
    try {
      task = JSON.readTree(body);
    } catch (JacksonException e) {
      return false;
    }
    if (task.path("status").stringValue("").isEmpty() && task.path("data").isObject()) {
      task = task.get("data");
    }
    String status = task.path("status").stringValue("").toLowerCase(Locale.ROOT);
    boolean linked =
        !task.path("video_url").stringValue("").isEmpty()
            || !task.path("detail").path("video_url").stringValue("").isEmpty()
            || !task.path("detail").path("upsample_video_url").stringValue("").isEmpty();
    return linked && Set.of("completed", "success", "succeeded", "ready").contains(status);
  }

  private static byte[] damage(byte[] original, Random random) {
    byte[] body = original;
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = body.length == 0 ? 0 : random.nextInt(body.length);
      int end = Math.min(body.length, at + random.nextInt(40));
      byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
      body =
          switch (random.nextInt(5)) {
            case 0 -> splice(body, at, end, new byte[0]);
            case 1 -> splice(body, at, at, token);
            case 2 -> splice(body, at, end, token);
            case 3 -> splice(body, at, body.length, new byte[0]);
            default ->
                splice(
                    body,
                    at,
                    Math.min(body.length, at + 1),
                    new byte[] {(byte) random.nextInt(256)});
          };
    }
    return body;
  }

  private static byte[] splice(byte[] body, int from, int to, byte[] replacement) {
    var result = new ByteArrayOutputStream();
    result.write(body, 0, from);
    result.writeBytes(replacement);
    result.write(body, to, body.length - to);
    return result.toByteArray();
  }

  private static List<byte[]> corpus() {
    List<byte[]> corpus = new ArrayList<>();
    corpus.add(example());
    for (String seed :
        List.of(
            "{\"code\":\"success\",\"data\":{\"status\":\"SUCCESS\",\"video_url\":\"https://v/a?e=1770436722\"}}",
            "{\"status\":\"completed\",\"detail\":{\"video_url\":\"u\",\"running\":false,\"completed_at\":1770350328}}",
            "{\"error\":{\"message\":\"m\",\"code\":\"insufficient_quota\"}}",
            "{\"code\":\"task_not_exist\",\"data\":null}",
            "{\"status\":\"failed\"}")) {
      corpus.add(seed.getBytes(StandardCharsets.UTF_8));
    }
    return corpus;
  }

  private static byte[] example() {
    try (InputStream in = ReplyFuzzTest.class.getResourceAsStream("/provider/completed.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
