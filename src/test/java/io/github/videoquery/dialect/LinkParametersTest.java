package io.github.videoquery.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkParametersTest {
  @Test
  void parameters_areThoseOfTheQuery_byNameInLowerCase() {
    assertThat(LinkParameters.of("https://v/a?Expires=1&X=%2B%zz&y=a+b;c=3&=4&d&e=&Expires=2#f=5"))
        .isEqualTo(Map.of("expires", "1", "x", "%2B%zz", "y", "a+b", "c", "3", "e", ""));
    assertThat(LinkParameters.of("https://v/a?x=%2B&%45=1")).isEqualTo(Map.of("x", "+", "e", "1"));
  }

  @Test
  void semicolonBeforeADigit_isPartOfTheValue() {
    assertThat(LinkParameters.of("https://v/a?q-sign-time=1;2&b=3"))
        .isEqualTo(Map.of("q-sign-time", "1;2", "b", "3"));
  }

  @Test
  void parameters_areThoseOfAPathThatHoldsAnExpiry() {
    assertThat(LinkParameters.of("https://v/expires=1&sig=2/a.mp4?b=3"))
        .isEqualTo(Map.of("expires", "1", "sig", "2", "b", "3"));
    assertThat(LinkParameters.of("https://v/expires=1/a.mp4")).isEqualTo(Map.of("expires", "1"));
    assertThat(LinkParameters.of("https://v/x=1/a.mp4")).isEmpty();
    assertThat(LinkParameters.of("https://v/a.mp4")).isEmpty();
    assertThat(LinkParameters.of("https://v/a?#x=1")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "999999999,",
    "1000000000, 2001-09-09T01:46:40Z",
    "99999999999, 5138-11-16T09:46:39Z",
    "100000000000, 1973-03-03T09:46:40Z",
    "99999999999999, 5138-11-16T09:46:39.999Z",
    "100000000000000,",
    "1770350082.7, 2026-02-06T03:54:42Z",
    "' 1770350082 ', 2026-02-06T03:54:42Z",
    "20260206T035442Z, 2026-02-06T03:54:42Z",
    "2026-02-06T03:54:42Z, 2026-02-06T03:54:42Z",
    "2026-02-06 03:54:42, 2026-02-06T03:54:42Z",
    "2026-02-06T03:54:42.5+02:00, 2026-02-06T01:54:42.500Z",
    "2026-02-06T03:54, 2026-02-06T03:54:00Z",
    "2026-02-06, 2026-02-06T00:00:00Z",
    "20261306T035442Z,",
    "soon,",
    "'',",
  })
  void time_isReadInEachForm(String text, Instant expected) {
    assertThat(StatedTime.of(text)).isEqualTo(expected);
  }
}
