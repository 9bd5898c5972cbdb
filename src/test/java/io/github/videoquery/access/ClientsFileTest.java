package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientsFileTest {
  private static final Clients NONE =
      ClientsParser.parse(
          "clients: []".getBytes(StandardCharsets.UTF_8),
          Path.of("clients.yaml"),
          false,
          new RateLimiters(new AccessProperties.RateLimit(50, 100, 0.1), TimeSource.SYSTEM));

  /** What the schedule of an executor does not survive by itself. */
  @Test
  void watch_goesOn_afterAnError(@TempDir Path folder) throws Exception {
    Path path = Files.writeString(folder.resolve("clients.yaml"), "first");
    BlockingQueue<String> parsed = new LinkedBlockingQueue<>();
    try (var watch = new FileWatch().started()) {
      var file = new ClientsFile(path, bytes -> parse(bytes, parsed), watch);
      assertThat(parsed.take()).isEqualTo("first");
      Files.writeString(path, "error");
      assertThat(parsed.poll(30, TimeUnit.SECONDS)).isEqualTo("error");

      Files.writeString(path, "second");

      assertThat(parsed.poll(30, TimeUnit.SECONDS)).isEqualTo("second");
      assertThat(file.clients()).isNotNull();
    }
  }

  private static Clients parse(byte[] bytes, BlockingQueue<String> parsed) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    parsed.add(text);
    if (text.equals("error")) {
      throw new StackOverflowError();
    }
    return NONE;
  }
}
