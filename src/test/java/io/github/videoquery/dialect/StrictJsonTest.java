package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.Body;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " {\"a\" : 1.50e3, \"a\":\"\\u00e9\"}\r\n",
        "{\"prompt\":\"caf\u00e9 \ud83d\ude00\",\"n\":123456789012345678901234567890.10}",
      })
  void strictJson_staysAsItIs(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

    assertThat(StrictJson.of(new Body(bytes))).isSameAs(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':NaN,'b':[Infinity,-INF,1.50]} | {'a':null,'b':[null,null,1.50]}",
        "{'a':12345678901234567890.10,'b':NaN,'c':{}} |"
            + " {'a':12345678901234567890.10,'b':null,'c':{}}",
        "{'a':'two#lines'} | {'a':'two\\nlines'}",
        "{'a':'it\\\\q'} | {'a':'it\\\\q'}",
      })
  void lenientJson_isWrittenAnew(String sent, String written) {
    String json = sent.replace('\'', '"').replace('#', '\n');

    assertThat(text(json.getBytes(StandardCharsets.UTF_8), null))
        .isEqualTo(written.replace('\'', '"'));
  }

  @Test
  void byteOrderMark_otherCharsets_andCutCharacters_becomeUtf8() {
    String json = "{\"a\":\"\u00e9\"}";

    assertThat(text(("\uFEFF" + json).getBytes(StandardCharsets.UTF_8), null)).isEqualTo(json);
    assertThat(text(json.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1))
        .isEqualTo(json);
    assertThat(text(json.getBytes(StandardCharsets.ISO_8859_1), null))
        .as("no valid UTF-8")
        .isEqualTo("{\"a\":\"\uFFFD\"}");
  }

  /** Readers with a strict decoder would fail, and come back to the same event. */
  @Test
  void utf16_andWhatJacksonTakesForUtf8_becomesUtf8() {
    String json = "{\"a\":\"\u00e9\"}";

    assertThat(text(json.getBytes(StandardCharsets.UTF_16LE), null)).isEqualTo(json);
    assertThat(text("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE), null))
        .as("valid UTF-8, too")
        .isEqualTo("{\"a\":1}");
    for (int[] malformed :
        new int[][] {{0xED, 0xA0, 0x80}, {0xC0, 0xAF}, {0xF5, 0x80, 0x80, 0x80}}) {
      var bytes = new ByteArrayOutputStream();
      bytes.writeBytes("{\"a\":\"".getBytes(StandardCharsets.US_ASCII));
      for (int b : malformed) {
        bytes.write(b);
      }
      bytes.writeBytes("\"}".getBytes(StandardCharsets.US_ASCII));
      byte[] written = StrictJson.of(new Body(bytes.toByteArray()));
      assertThat(new String(written, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8))
          .isEqualTo(written)
          .startsWith('{')
          .endsWith('}');
    }
  }

  @Test
  void whatIsNoJson_isNull() {
    assertThat(text("<html>".getBytes(StandardCharsets.UTF_8), null)).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{} {}", "{}x", "{} <"})
  void whatFollowsTheObject_isLeftOut(String text) {
    assertThat(text(text.getBytes(StandardCharsets.UTF_8), null)).isEqualTo("{}");
  }

  private static String text(byte[] bytes, @Nullable Charset charset) {
    return new String(StrictJson.of(new Body(bytes, charset, "")), StandardCharsets.UTF_8);
  }
}
