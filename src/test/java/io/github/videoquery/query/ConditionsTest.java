package io.github.videoquery.query;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|true",
        "*/*|true",
        "application/json|true",
        "application/json; charset=utf-8|true",
        "application/*|true",
        "text/html, application/xhtml+xml, */*;q=0.8|true",
        "text/html|false",
        "text/event-stream|false",
        "application/json;q=0|false",
        "application/problem+json|false",
        "nonsense|false",
        "''|true",
      })
  void json_isAcceptable_orNot(String accept, boolean expected) {
    assertThat(Conditions.acceptsJson(request("Accept", accept))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|false",
        "identity|false",
        "gzip|true",
        "gzip, deflate, br, zstd|true",
        "br;q=1.0, gzip;q=0.5|true",
        "GZIP|true",
        "gzip;q=0|false",
        "gzip;q=0, *|false",
        "*|true",
        "br|false",
        "gzip;q=\"|false",
        "'\"'|false",
        "''|false",
      })
  void gzip_isAcceptable_orNot(String accept, boolean expected) {
    assertThat(Conditions.acceptsGzip(accept)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|false",
        "\"tag\"|true",
        "W/\"tag\"|true",
        "\"tag-gzip\"|true",
        "\"other\", W/\"tag-gzip\"|true",
        "\"other\"|false",
        "*|true",
        "tag|false",
        "\"tag|false",
        "''|false",
      })
  void body_isKnownToTheCaller_orNot(String ifNoneMatch, boolean expected) {
    assertThat(Conditions.has(ifNoneMatch, "tag")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"bytes.news\"|true",
        "\"others.news\"|true",
        "\"others.news-gzip\"|true",
        "W/\"others.news\"|true",
        "\"a.b\", \"others.news\"|true",
        "*|true",
        "\"bytes.other\"|false",
        "\"bytes\"|false",
        "\"news\"|false",
        "|false",
      })
  void news_isCompared_withoutTheBytes(String ifNoneMatch, boolean expected) {
    assertThat(Conditions.hasNews(ifNoneMatch, "news")).isEqualTo(expected);
  }

  private static HttpFields request(String header, String value) {
    return value == null ? HttpFields.EMPTY : HttpFields.build().add(header, value);
  }
}
