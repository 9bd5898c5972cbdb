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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
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

  @Test
  void change_isLogged_andAnInvalidFileOnlyOnce(@TempDir Path folder, CapturedOutput output)
      throws Exception {
    Path path = Files.writeString(folder.resolve("clients.yaml"), "first");
    var watch = new FileWatch();
    var file = new ClientsFile(path, ClientsFileTest::parseOrRefuse, watch);
    assertThat(file.clients()).isSameAs(NONE);

    Files.writeString(path, "second");
    look(watch);
    assertThat(output).contains("The clients were replaced from the clients file");
    Files.writeString(path, "no clients");
    look(watch);
    assertThat(output.getOut().split("The changed clients file cannot be used; the current", -1))
        .hasSize(2);
    assertThat(output).contains("Write clients.");
  }

  /** A file that has just changed may be half-written. */
  private static void look(FileWatch watch) {
    for (int i = 0; i < 3; i++) {
      watch.look();
    }
  }

  private static Clients parseOrRefuse(byte[] bytes) {
    if (new String(bytes, StandardCharsets.UTF_8).equals("no clients")) {
      throw new InvalidConfigurationPropertyValueException("x", "y", "Write clients.");
    }
    return NONE;
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
