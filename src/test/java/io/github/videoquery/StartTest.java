package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A start that cannot succeed ends with a sentence that says what to set. */
@ExtendWith(OutputCaptureExtension.class)
class StartTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstream.api-key=|Set the provider's key: UPSTREAM_API_KEY_FILE",
        "upstream.base-url=|Set the provider's address: UPSTREAM_BASE_URL",
        "upstream.api-key-file=/does/not/exist|Set either UPSTREAM_API_KEY or"
            + " UPSTREAM_API_KEY_FILE",
        "server.drain-delay=30s|It is a part of spring.lifecycle.timeout-per-shutdown-phase",
        "server.drain-delay=-1s|Give a time that is not negative",
        "upstream.call-timeout=99ms|Give at least 100ms",
        "upstream.call-timeout=30|Give it with its unit, for example 30s",
        "access.jwt.required-scopes=video.read|Did you mean gateway.access.jwt.required-scope?",
        "upstream.proxy=proxy:3128|Give an address like http://proxy:3128",
        "upstream.api-key=Bearer sk-1|which the gateway adds",
        "upstream.max-body-size=1GB|Give a size from 1KB to 64MB",
        "access.mode=jwt|Name the issuer of the tokens",
        "access.mode=jwt, access.jwt.issuer-uri=http://a|Name what the tokens' claim aud must hold",
        "access.rate-limit.burst=0|Give a rate above 0",
        "access.rate-limit.hit-cost=2|Give a part of a question",
        "access.cors.allowed-origins=https://a.example.com/|Give origins like",
        "access.trusted-proxies=here|Give addresses or networks",
        "access.max-requests-in-progress=0|Give at least 1",
        "access.mode=api-key|Name the file that lists who may ask",
        "access.clients-file=/does/not/exist, access.mode=api-key|The file cannot be read",
      })
  void start_isRefused_withASentence(String settings, String sentence, CapturedOutput output) {
    Throwable refusal = catchThrowable(() -> start(settings.split(", ")));

    assertThat(refusal).isNotNull();
    assertThat(output.getAll())
        .contains("APPLICATION FAILED TO START")
        .contains(sentence)
        .doesNotContain("sk-")
        .doesNotContain("\tat ");
  }

  @ParameterizedTest
  @CsvSource({"access.mode=open", "upstream.response-timeout=soon", "cache.max-size=much"})
  void start_isRefused_whenAValueHasTheWrongType(String setting, CapturedOutput output) {
    assertThat(catchThrowable(() -> start(setting))).isNotNull();
    assertThat(output.getAll()).contains("gateway." + setting.substring(0, setting.indexOf('=')));
  }

  @Test
  void keyFile_isRefused_whenItHoldsNoKey(CapturedOutput output) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "\n \n");

    Throwable refusal =
        catchThrowable(() -> start("upstream.api-key=", "upstream.api-key-file=" + file));

    assertThat(refusal).isNotNull();
    assertThat(output.getAll()).contains("The file holds no key");
  }

  private static void start(String... settings) {
    new SpringApplication(VideoQueryGateway.class)
        .run(
            GatewayFixture.arguments(
                URI.create("http://127.0.0.1:9"),
                Arrays.stream(settings)
                    .map(setting -> "gateway." + setting)
                    .toArray(String[]::new)))
        .close();
  }
}
