package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.dialect.LinkPlaces.Node;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkPlacesTest {
  @ParameterizedTest
  @CsvSource({
    "video_url, video_url",
    "videoUrl, video_url",
    "VideoUrl, video_url",
    "videoURL, video_url",
    "upsampleVideoUrl, upsample_video_url",
    "mp4Url, mp4_url",
    "zAZ9A, z_az9_a",
    "A, a",
    "_A, _a",
    "URL, url",
    "a{B, a{b",
    "a/B, a/b",
    "a0B, a0_b",
    "a9B, a9_b",
    "aB, a_b",
    "x@B, x@b",
    "x[B, x[b",
  })
  void name_isReadInSnakeCase(String name, String snake) {
    assertThat(SnakeCase.of(name)).isEqualTo(snake);
  }

  @ParameterizedTest
  @ValueSource(strings = {"url", "output.clips[].url", "a-b_c[][]", "a.*", "a.*.b", "A1"})
  void path_canBeRead(String path) {
    assertThat(Dialect.isPath(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*", "a..b", ".a", "a.", "a b", "a[0]", "a[]b", "$.a", "a.**"})
  void path_cannotBeRead(String path) {
    assertThat(Dialect.isPath(path)).isFalse();
  }

  @Test
  void places_areRanked_documentedOnesFirst() {
    int video = rank("video_url");
    int upsampled = rank("detail", "upsample_video_url");
    int url = rank("url");

    assertThat(video).isLessThan(upsampled);
    assertThat(upsampled).isLessThan(url);
    assertThat(LinkPlaces.isDocumented(video)).isTrue();
    assertThat(LinkPlaces.isDocumented(rank("detail", "video_url"))).isTrue();
    assertThat(LinkPlaces.isDocumented(url)).isFalse();
    assertThat(rank("video_url", "url")).as("url below a place is the place").isEqualTo(video);
    assertThat(rank("detail")).isEqualTo(Node.NONE);
    assertThat(rank("videos", "[]", "url")).isNotEqualTo(Node.NONE);
    assertThat(LinkPlaces.STANDARD.root().step("nothing")).isNull();
  }

  @Test
  void anythingBelowAStar_isAPlace_ofTheBestRank() {
    int star = rank("output", "anything");

    assertThat(star).isNotEqualTo(Node.NONE);
    assertThat(rank("output", "anything", "deeper", "[]")).isEqualTo(star);
    assertThat(rank("output")).as("a place itself, and a better one").isLessThan(star);
    LinkPlaces stars = LinkPlaces.of(List.of("a.*", "a.b.*", "a.b.c"));
    assertThat(rank(stars, "a", "b", "c")).isEqualTo(rank(stars, "a", "x"));
  }

  @Test
  void placesOfAnOperator_comeLast() {
    LinkPlaces places = LinkPlaces.of(List.of("output.clips[].fileUrl", "my[][]"));

    assertThat(rank(places, "my", "[]", "[]"))
        .isNotEqualTo(Node.NONE)
        .isGreaterThan(rank("result", "x"));
    assertThat(rank(places, "my", "[]")).isEqualTo(Node.NONE);
  }

  @Test
  void placeThatIsBetterThanAStar_keepsItsRank() {
    LinkPlaces places = LinkPlaces.of(List.of("a.b.c", "a.*"));

    assertThat(rank(places, "a", "b", "c")).isLessThan(rank(places, "a", "x"));
  }

  @ParameterizedTest
  @CsvSource({
    "cover, true",
    "cover_url, true",
    "first_frame, true",
    "webhook, true",
    "required, true",
    "video, false",
    "url, false"
  })
  void picturesAndInputs_areNoPlace(String name, boolean isNever) {
    assertThat(LinkPlaces.isNever(name)).isEqualTo(isNever);
  }

  private static int rank(String... steps) {
    return rank(LinkPlaces.STANDARD, steps);
  }

  private static int rank(LinkPlaces places, String... steps) {
    Node node = places.root();
    for (String step : steps) {
      node = Objects.requireNonNull(node.step(step), step);
    }
    return node.rank();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":{\"b\":[{\"c\":\"https://v/1\"}]}}|a.b[].c",
        "{\"a\":[\"https://v/1\",\"https://v/2\"]}|a[]",
        "{\"a\":[[\"https://v/1\"]]}|a[][]",
        "{\"x\":1,\"b\":\"https://v/1\",\"c\":{},\"a\":\"https://v/2\"}|a b",
        "{\"a\":[],\"b\":{\"c\":null,\"d\":\"https://v/1\"},\"e\":\"https://v/1\"}|b.d e",
        "{\"a\":[{\"b\":1},{\"c\":\"https://v/1\"}],\"d\":\"https://v/1\"}|a[].c d",
        "{\"a\":\"no link\",\"b\":\"/files/a\"}|''",
        "{\"a b\\n\":\"https://v/1\"}|a b?",
        "{\"a\":\"https://v/1\",\"b\":NaN,\"c\":\"https://v/1\"}|a",
        "not json|''",
      })
  void pathsOfUrls_areNamed_forTheOperator(String json, String paths) {
    assertThat(UrlPlaces.in(json.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(paths.equals("''") ? "" : paths);
  }

  @Test
  void eightPaths_areNamedAtMost() {
    var json = new StringBuilder("{\"z\":1");
    for (int i = 0; i < 12; i++) {
      json.append(",\"a").append(i).append("\":\"https://v/1\"");
    }

    assertThat(
            UrlPlaces.in(json.append('}').toString().getBytes(StandardCharsets.UTF_8)).split(" "))
        .hasSize(8);
  }
}
