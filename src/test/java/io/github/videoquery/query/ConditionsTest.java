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
        "application/json;q=0, */*|false",
        "*/*, application/json;q=0|false",
        "*/*;q=0, application/json;q=0.1|true",
        "application/*;q=0, */*|false",
        "application/json, application/json;profile=x;q=0|true",
        "application/json;q=0, application/json|true",
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
        "\"tag-br\"|true",
        "\"tag-zstd\"|true",
        "\"tag;gzip\"|true",
        "W/\"tag--gzip\"|true",
        "\"tag-gzip-br\"|true",
        "\"ta\"|false",
        "\"other\", W/\"tag-gzip\"|true",
        "\"other\"|false",
        "*|true",
        "tag|true",
        "tag-gzip|true",
        "other|false",
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
        "\"bytes-of-16-char.the-news\"|true",
        "\"other-of-16-char.the-news\"|true",
        "\"other-of-16-char.the-news-gzip\"|true",
        "\"other-of-16-char.the-news-br\"|true",
        "\"other-of-16-char.the-news;gzip\"|true",
        "\"other-of-16-char.the-news--gzip\"|true",
        "W/\"other-of-16-char.the-news\"|true",
        "\"a.b\", \"other-of-16-char.the-news\"|true",
        "*|true",
        "other-of-16-char.the-news|true",
        "other-of-16-char.the-news-gzip|true",
        "\"bytes-of-16-char.no--news\"|false",
        "\"bytes-of-16-char.the-new\"|false",
        "\"bytes-of-16-char-the-news\"|false",
        "\"short.the-news\"|false",
        "\"bytes-of-16-char\"|false",
        "\"the-news\"|false",
        "|false",
      })
  void news_isCompared_withoutTheBytes(String ifNoneMatch, boolean expected) {
    assertThat(Conditions.hasNews(ifNoneMatch, "the-news")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|false",
        "text/event-stream|true",
        "Text/Event-Stream|true",
        "text/event-stream, application/json|false",
        "text/event-stream;q=0.9, application/json;q=0.8|true",
        "text/event-stream;q=0.8, application/json;q=0.9|false",
        "text/event-stream, */*;q=0.1|true",
        "text/*;q=0.1, text/event-stream, application/json;q=0.5|true",
        "text/event-stream;q=0.1, text/*, application/json;q=0.5|false",
        "application/json, application/json;odata=verbose;q=0.5, text/event-stream;q=0.8|false",
        "*/*|false",
        "text/*|false",
        "text/event-stream;q=x|false",
      })
  void events_arePreferred_whereTheyWeighMore(String accept, boolean expected) {
    assertThat(Conditions.prefersEvents(request("Accept", accept))).isEqualTo(expected);
  }

  private static HttpFields request(String header, String value) {
    return value == null ? HttpFields.EMPTY : HttpFields.build().add(header, value);
  }
}
