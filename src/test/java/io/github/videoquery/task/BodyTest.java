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
    assertThat(new Body("{\"a\":\"中\"}".getBytes(gbk), gbk, "").utf8())
        .isEqualTo("{\"a\":\"中\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(new Body(new byte[] {'{', (byte) 0xE4, '}'}).utf8())
        .isEqualTo("{\uFFFD}".getBytes(StandardCharsets.UTF_8));
    assertThat(new Body(new byte[] {(byte) 0xEF, (byte) 0xBB}).utf8())
        .as("a part of a mark")
        .isEqualTo("\uFFFD".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tag_isOfTheBytes_andOfTheNews() {
    Body body = new Body(new byte[] {1, 2, 3}, null, "queued");

    assertThat(body.tag()).matches("[A-Za-z0-9_-]{16}\\.[A-Za-z0-9_-]{8}");
    assertThat(new Body(new byte[] {1, 2, 3}, StandardCharsets.UTF_16, "queued").tag())
        .isEqualTo(body.tag());
    Body noise = new Body(new byte[] {1, 2, 4}, null, "queued");
    assertThat(noise.tag()).isNotEqualTo(body.tag());
    assertThat(noise.news()).isEqualTo(body.news());
    Body news = new Body(new byte[] {1, 2, 3}, null, "drawing");
    assertThat(news.tag()).isNotEqualTo(body.tag());
    assertThat(news.news()).isNotEqualTo(body.news());
    assertThat(body.length()).isEqualTo(3);
  }

  /** Replicas of two versions must make the same tags: the first 12 and 6 bytes of SHA-256. */
  @Test
  void tag_isThatOfTheVersionBefore() {
    Body body = new Body(new byte[] {1, 2, 3}, StandardCharsets.UTF_16, "queued");

    assertThat(body.tag()).isEqualTo("A5BYxvLAy0ksUzsK.02vmSUJI");
    assertThat(body.charset()).isEqualTo(StandardCharsets.UTF_16);
  }

  @Test
  void news_isReadOutOfATag() {
    Body body = new Body(new byte[] {1, 2, 3}, null, "queued");

    assertThat(Body.newsOf(body.tag())).isEqualTo(body.news());
    assertThat(Body.newsOf("abcdefghijklmnop")).as("a tag of 0.1.0").isNull();
    assertThat(Body.newsOf(null)).isNull();
    assertThat(new Body(new byte[0], null, body.newsDigest()).news()).isEqualTo(body.news());
  }
}
