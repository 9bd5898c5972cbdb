package io.github.videoquery.dialect;

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
        "https://v/a.mp4?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20260206T035842Z&x-oss-expires=600|2026-02-06T04:08:42Z",
        "https://v/a.mp4?X-Tos-Date=20260206T035842Z&X-Tos-Expires=600|2026-02-06T04:08:42Z",
        "https://v/a.mp4?X-Obs-Date=20260206T035842Z&X-Obs-Expires=600|2026-02-06T04:08:42Z",
        "https://v/a.mp4?q-sign-time=1770350322;1770350922&q-key-time=1770350322;1770436722|2026-02-06T04:08:42Z",
        "https://v/a.mp4?q-sign-time=1770350322%3B1770350922|2026-02-06T04:08:42Z",
        "https://v/a.mp4?token=ab&expires=1770436722|2026-02-07T03:58:42Z",
        "https://v/a.mp4?EXPIRES=1770436722000|2026-02-07T03:58:42Z",
        "https://v/a.mp4?x-expires=1770436722&x-signature=ab|2026-02-07T03:58:42Z",
        "https://v/a.mp4?auth_key=1770436722-0-0-ab|2026-02-07T03:58:42Z",
        "https://v/a.mp4?t=6986b872&us=x&sign=ab|2026-02-07T03:58:42Z",
        "https://v/a.mp4?wsSecret=ab&wsTime=6986b872|2026-02-07T03:58:42Z",
        "https://v/a.mp4?hdnts=st=1770350322~exp=1770436722~acl=/*~hmac=ab|2026-02-07T03:58:42Z",
        "https://v/a.mp4?Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc3MDQzNjcyMn19fV19&Key-Pair-Id=K|2026-02-07T03:58:42Z",
        "https://v/a.mp4?Policy=eyAiYWIiOiI~Pj8iLCJDb25kaXRpb24iOnsiRGF0ZUxlc3NUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjE3NzAzNTAwODJ9fX0_|2026-02-06T03:54:42Z",
        "https://v/a.mp4?token=eyJhYiI6Ij8_PyIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc3MDM1MDA4Mn19fQ|2026-02-06T03:54:42Z",
        "https://v/a.mp4?token=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NzA0MzY3MjJ9.sig|2026-02-07T03:58:42Z",
        "https://v/a.mp4?authorization=bce-auth-v1%2Fak%2F2026-02-06T03%3A58%3A42Z%2F600%2Fhost%2Fab|2026-02-06T04:08:42Z",
        "https://v/a.mp4?Expires=1770436722&se=2026-02-07T03:00:00Z|2026-02-07T03:00:00Z",
        "https://v/a.mp4?expires=600|",
        "https://v/a.mp4?X-Amz-Expires=600|",
        "https://v/a.mp4?t=1770436722|",
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
