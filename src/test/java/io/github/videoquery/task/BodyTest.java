package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BodyTest {
  @Test
  void utf8_isTheBytesThemselves_whereTheyAreThatAlready() {
    for (String text : new String[] {"{}", "{\"a\":\"äöü 中\"}", ""}) {
      Body body = new Body(text.getBytes(StandardCharsets.UTF_8));

      assertThat(body.utf8()).isSameAs(body.bytes());
    }
  }

  @Test
  void utf8_hasNoMark() {
    assertThat(new Body("\uFEFF{}".getBytes(StandardCharsets.UTF_8)).utf8())
        .isEqualTo("{}".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void utf8_isMadeOfAnotherCharset_andOfDamagedBytes() {
    Charset gbk = Charset.forName("GBK");
    assertThat(new Body("{\"a\":\"中\"}".getBytes(gbk), gbk).utf8())
        .isEqualTo("{\"a\":\"中\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(new Body(new byte[] {'{', (byte) 0xE4, '}'}).utf8())
        .isEqualTo("{\uFFFD}".getBytes(StandardCharsets.UTF_8));
    assertThat(new Body(new byte[] {(byte) 0xEF, (byte) 0xBB}).utf8())
        .as("a part of a mark")
        .isEqualTo("\uFFFD".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tag_isOf16Characters_andOfTheBytesAlone() {
    Body body = new Body(new byte[] {1, 2, 3});

    assertThat(body.tag()).matches("[A-Za-z0-9_-]{16}");
    assertThat(new Body(new byte[] {1, 2, 3}, StandardCharsets.UTF_16).tag()).isEqualTo(body.tag());
    assertThat(new Body(new byte[] {1, 2, 4}).tag()).isNotEqualTo(body.tag());
    assertThat(body.length()).isEqualTo(3);
  }
}
