package io.github.videoquery.dialect;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged answers: each is classified without an exception, and none is taken for finished that
 * another JSON parser does not find finished.
 */
class ReplyFuzzTest {
  private static final ReplyClassifier CLASSIFIER = new ReplyClassifier(Dialect.STANDARD);
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

      TaskReply reply =
          CLASSIFIER.classify(new ProviderResponse(status, body, null, null), null).reply();

      if (reply instanceof Known known) {
        assertThat(status / 100).isEqualTo(2);
        assertThat(known.body().bytes()).isSameAs(body);
      }
      if (reply instanceof Finished) {
        assertThat(isFinished(body)).as(new String(body, StandardCharsets.UTF_8)).isTrue();
      }
    }
  }

  /** Only what says so, and has a link, can be finished: also where it is no strict JSON. */
  private static boolean isFinished(byte[] body) {
    String text = new String(body, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    return text.contains("url\"")
        && (text.contains("https://")
            || text.matches("(?s).*_url\"\\s*:\\s*\"(/|[a-z][a-z0-9+.-]*:).*"))
        && StatusWords.STANDARD.finished().stream().anyMatch(text::contains);
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
