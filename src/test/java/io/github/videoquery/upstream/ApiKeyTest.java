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
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "sk-ä|cannot carry",
        "sk 1|cannot carry",
        "sk-\u007f1|cannot carry",
        "sk-\u00011|cannot carry",
        "# prod|begins with '#'",
        "#prod|begins with '#'",
        "Bearer sk-1|'Bearer', which the gateway adds",
        "bearer\tsk-1|'Bearer', which the gateway adds",
        "Basic c2s6|'Bearer', which the gateway adds",
        "Authorization: Bearer sk-1|a name and a colon",
        "X-Api-Key:sk-1|a name and a colon",
        "api-key: sk-1|a name and a colon",
        "KEY=sk-1|names a variable",
        "UPSTREAM_API_KEY=sk-1|names a variable",
        "MY_PROVIDER = sk-1|names a variable",
        "export provider=sk-1|names a variable",
        "OPENAI=sk-1|names a variable",
        "gateway.upstream.api-key=sk-1|names a variable",
        "UPSTREAM_API_KEY:sk-1|a name and a colon",
        "Bearer|'Bearer', which the gateway adds",
        "Bearer:sk-1|'Bearer', which the gateway adds",
        "${API_KEY}|is a placeholder",
        "<api-key>|is a placeholder",
        "-----BEGIN|begins a certificate",
        "api_key=sk-1|names a variable",
        "\"sk-1\"|in quotes",
        "'sk-1'|in quotes",
        "\"sk-1|in quotes",
        "{\"key\":\"sk-1\"}|looks like JSON",
      })
  void slip_isNamed_withItsLineAndWithoutTheKey(String line, String slip) {
    assertThatThrownBy(() -> ApiKey.parse(bytes("sk-0\n\n" + line)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Line 3 of the file ")
        .hasMessageContaining(slip)
        .hasMessageNotContaining("sk-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk=1", "c2stMQ==", "ABC_DEF=", "mykey==", "sk-a:b", "sk-#1", "=sk-1"})
  void keyMayHold_whatBelongsToIt(String key) {
    assertThat(ApiKey.parse(bytes(key))).containsExactly(new ApiKey(key));
  }

  @Test
  void byteOrderMark_isIgnored() {
    assertThat(ApiKey.parse(bytes("\uFEFFsk-1\n"))).containsExactly(new ApiKey("sk-1"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
