package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {
  @Test
  void file_holdsAKeyALine_blankLinesAside() {
    assertThat(ApiKey.parse(bytes("sk-1\n\n  sk-2 \r\n")))
        .containsExactly(new ApiKey("sk-1"), new ApiKey("sk-2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \n\t\n"})
  void fileWithoutAKey_cannotBeUsed(String file) {
    assertThatThrownBy(() -> ApiKey.parse(bytes(file)))
        .hasMessage("The file holds no key; write one a line.");
  }

  @ParameterizedTest
  @CsvSource({"sk-ä", "sk 1", "'sk-\u007f'", "'sk-1\u0001'"})
  void keyThatCannotTravelInAHeader_isRefused(String key) {
    assertThatThrownBy(() -> ApiKey.parse(bytes("sk-0\n" + key)))
        .hasMessage("A line holds a character that cannot travel in a header.");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
