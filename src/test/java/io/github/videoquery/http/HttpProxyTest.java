package io.github.videoquery.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpProxyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://proxy:3128",
        "http://proxy:3128/",
        "http://user:secret@proxy:3128",
        "http://user:a%40secret@proxy:3128"
      })
  void address_isRead_andPrintedWithoutItsCredentials(String setting) {
    assertThat(HttpProxy.isUsable(setting)).isTrue();
    assertThat(HttpProxy.of(setting)).hasToString("proxy:3128");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "none"})
  void noProxy_isASetting_too(String setting) {
    assertThat(HttpProxy.isUsable(setting)).isTrue();
    assertThat(HttpProxy.of(setting)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy:3128",
        "https://proxy:3128",
        "http://proxy",
        "http://user@proxy:3128",
        "http://proxy:3128/path",
        "socks://proxy:1080",
        "http://a b:1"
      })
  void otherText_isNotUsable(String setting) {
    assertThat(HttpProxy.isUsable(setting)).isFalse();
    assertThat(HttpProxy.of(setting)).isNull();
  }
}
