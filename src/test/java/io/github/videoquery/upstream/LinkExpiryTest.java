package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkExpiryTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://v/a.mp4?X-Amz-Date=20260206T035842Z&X-Amz-Expires=86400&X-Amz-Signature=x|2026-02-07T03:58:42Z",
        "https://v/a.mp4?X-Goog-Date=20260206T035842Z&X-Goog-Expires=60|2026-02-06T03:59:42Z",
        "https://v/a.mp4?Expires=1770436722&Signature=x|2026-02-07T03:58:42Z",
        "https://v/a.mp4?sv=2024&se=2026-02-07T03%3A58%3A42Z&sig=x|2026-02-07T03:58:42Z",
        "https://v/a.mp4?se=2026-02-07T03:58:42Z|2026-02-07T03:58:42Z",
        "https://v/a.mp4?se=2026-02-07T03:58Z|2026-02-07T03:58:00Z",
        "https://v/a.mp4?se=2026-02-07|2026-02-07T00:00:00Z",
        "https://v/a.mp4?se=2026-02-07T05%3A58%3A42%2B02%3A00|2026-02-07T03:58:42Z",
        "https://v/a.mp4?e=1770436722|2026-02-07T03:58:42Z",
        "https://v/a.mp4|",
        "https://v/a.mp4?token=abc|",
        "https://v/a.mp4?Expires=tomorrow|",
        "https://v/a.mp4?e=99999999999999999999|",
        "https://v/a.mp4?se=soon|",
        "https://v/a.mp4?X-Amz-Date=20260206T035842Z|",
        "https://v/a.mp4?X-Amz-Date=today&X-Amz-Expires=86400|",
        "not a link ?e=1770436722|2026-02-07T03:58:42Z",
      })
  void expiry_isRead_inEachSpelling(String link, Instant expected) {
    assertThat(LinkExpiry.of(link).orElse(null)).isEqualTo(expected);
  }
}
