package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

class JsonTextTest {
  private final AtomicInteger readers = new AtomicInteger();

  @Test
  void strictJson_isReadOnce() {
    assertThat(read("{\"a\":\"ä\"}".getBytes(StandardCharsets.UTF_8), null)).isEqualTo("ä");
    assertThat(readers).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":NaN}|NaN",
        "{\"a\":\"x\\qy\"}|xqy",
        " \\t\\n{\"a\":NaN}|NaN",
        "\uFEFF{\"a\":NaN}|NaN",
        "\uFEFF {\"a\":NaN}|NaN",
      })
  void jsonThatIsNotStrict_isReadLeniently(String json, String value) {
    assertThat(
            read(
                json.replace("\\t", "\t").replace("\\n", "\n").getBytes(StandardCharsets.UTF_8),
                null))
        .isEqualTo(value);
    assertThat(readers).hasValue(2);
  }

  @Test
  void rawLineFeed_andACutCharacter_areRead() {
    assertThat(read("{\"a\":\"x\ny\"}".getBytes(StandardCharsets.UTF_8), null)).isEqualTo("x\ny");
    assertThat(read(new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xE4, '"', '}'}, null))
        .isEqualTo("\uFFFD");
  }

  @Test
  void otherCharset_isDecoded() {
    Charset gbk = Charset.forName("GBK");

    assertThat(read("{\"a\":\"中\"}".getBytes(gbk), gbk)).isEqualTo("中");
    assertThat(readers).as("not tried as UTF-8").hasValue(1);
    assertThat(
            read(
                "\uFEFF{\"a\":\"b\"}".getBytes(StandardCharsets.UTF_16BE),
                StandardCharsets.UTF_16BE))
        .isEqualTo("b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "<html>{}",
        "x{\"a\":1}",
        "\uFEFF",
        "\uFEFF<",
        "{",
        "{\"a\":",
        "{\"a\":\"x"
      })
  void whatIsNoJson_isNothing(String text) {
    assertThat(read(text.getBytes(StandardCharsets.UTF_8), null)).isNull();
    assertThat(readers).hasValue(text.replace("\uFEFF", "").startsWith("{") ? 2 : 1);
  }

  @Test
  void whatIsNoJson_isNothing_inAnotherCharset() {
    assertThat(read("<".getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE)).isNull();
  }

  /** The value of the first field. */
  private @Nullable String read(byte[] bytes, @Nullable Charset charset) {
    return JsonText.read(
        bytes,
        charset,
        json -> {
          readers.incrementAndGet();
          return first(json);
        });
  }

  private static @Nullable String first(JsonParser json) {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    json.nextToken();
    json.nextToken();
    String value = json.getString();
    json.nextToken();
    return value;
  }
}
