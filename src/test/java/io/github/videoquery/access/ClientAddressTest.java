package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private final ClientAddress behindProxies =
      new ClientAddress(List.of("10.0.0.0/8", "192.0.2.7", "fd00::/8"));

  /** The last address that is no trusted proxy: a caller can write anything in front of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.1||203.0.113.1",
        "203.0.113.1|198.51.100.9|203.0.113.1",
        "10.0.0.1||10.0.0.1",
        "10.0.0.1|198.51.100.9|198.51.100.9",
        "10.0.0.1|6.6.6.6, 198.51.100.9|198.51.100.9",
        "10.0.0.1|198.51.100.9, 10.0.0.2|198.51.100.9",
        "10.0.0.1|198.51.100.9, 192.0.2.7, 10.0.0.2|198.51.100.9",
        "10.0.0.1|6.6.6.6, 198.51.100.9, 192.0.2.8, 10.0.0.2|192.0.2.8",
        "10.0.0.1|10.0.0.3, 10.0.0.2|10.0.0.3",
        "10.0.0.1|198.51.100.9:4711|198.51.100.9",
        "10.0.0.1|2001:db8::9|2001:db8::9",
        "10.0.0.1|[2001:db8::9]:4711|2001:db8::9",
        "10.0.0.1|unknown|10.0.0.1",
        "10.0.0.1|198.51.100.9, nonsense|10.0.0.1",
        "10.0.0.1|999.1.1.1|10.0.0.1",
        "10.0.0.1|\"198.51.100.9|198.51.100.9",
        "10.0.0.1|\", 198.51.100.9|198.51.100.9",
        "10.0.0.1|, ,198.51.100.9,|198.51.100.9",
        "fd00::1|198.51.100.9|198.51.100.9",
      })
  void address_isTheLastUntrustedOne(String peer, String forwarded, String expected)
      throws Exception {
    HttpFields fields =
        forwarded == null ? HttpFields.EMPTY : HttpFields.build().add("X-Forwarded-For", forwarded);

    assertThat(behindProxies.of(InetAddress.getByName(peer), fields))
        .isEqualTo(InetAddress.getByName(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=198.51.100.9|198.51.100.9",
        "For=198.51.100.9;proto=https, for=10.0.0.2|198.51.100.9",
        "for=6.6.6.6, for=\"[2001:db8::9]:4711\"|2001:db8::9",
        "for=_hidden|10.0.0.1",
        "by=198.51.100.9|10.0.0.1",
      })
  void forwarded_isRead_whereThereIsNoXForwardedFor(String forwarded, String expected)
      throws Exception {
    HttpFields fields = HttpFields.build().add("Forwarded", forwarded);

    assertThat(behindProxies.of(InetAddress.getByName("10.0.0.1"), fields))
        .isEqualTo(InetAddress.getByName(expected));
  }

  @Test
  void xForwardedFor_winsOverForwarded() throws Exception {
    HttpFields fields =
        HttpFields.build().add("Forwarded", "for=6.6.6.6").add("X-Forwarded-For", "198.51.100.9");

    assertThat(behindProxies.of(InetAddress.getByName("10.0.0.1"), fields))
        .isEqualTo(InetAddress.getByName("198.51.100.9"));
  }

  @Test
  void nobodyIsTrusted_byDefault() {
    InetAddress peer = InetAddress.getLoopbackAddress();

    assertThat(
            new ClientAddress(List.of())
                .of(peer, HttpFields.build().add("X-Forwarded-For", "6.6.6.6")))
        .isEqualTo(peer);
  }

  @Test
  void networkThatCannotBeRead_isRefused() {
    assertThatThrownBy(() -> new ClientAddress(List.of("10.0.0.0/99")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1|/videos|/videos",
        "10.0.0.1|/videos/|/videos",
        "10.0.0.1|/a, /b|/a/b",
        "10.0.0.1|/|''",
        "10.0.0.1|videos|''",
        "10.0.0.1|/a\",\"x\":\"|''",
        "10.0.0.1|//evil.example.com|''",
        "10.0.0.1|https://evil.example.com|''",
        "203.0.113.1|/videos|''",
        "10.0.0.1||''",
      })
  void prefix_isThatOfATrustedProxy_ifItIsAPath(String peer, String forwarded, String expected)
      throws Exception {
    HttpFields fields =
        forwarded == null
            ? HttpFields.EMPTY
            : HttpFields.build().add("X-Forwarded-Prefix", forwarded);

    assertThat(behindProxies.prefix(InetAddress.getByName(peer), fields)).isEqualTo(expected);
  }

  @Test
  void request_isThatOfItsPeer_withItsFields() {
    Request request = mock(Request.class, RETURNS_DEEP_STUBS);
    when(request.getHeaders())
        .thenReturn(
            HttpFields.build()
                .add("X-Forwarded-For", "198.51.100.9")
                .add("X-Forwarded-Prefix", "/videos"));
    when(request.getConnectionMetaData().getRemoteSocketAddress())
        .thenReturn(new InetSocketAddress("10.0.0.1", 4711));

    assertThat(behindProxies.of(request).getHostAddress()).isEqualTo("198.51.100.9");
    assertThat(behindProxies.forwardedPrefix(request)).isEqualTo("/videos");
  }

  /** A Unix domain socket has no address. Its callers are on this machine. */
  @Test
  void requestWithoutAnAddress_isOfThisMachine_andWithoutAPrefix() {
    Request request = mock(Request.class, RETURNS_DEEP_STUBS);
    when(request.getHeaders()).thenReturn(HttpFields.build().add("X-Forwarded-Prefix", "/videos"));
    when(request.getConnectionMetaData().getRemoteSocketAddress())
        .thenReturn(UnixDomainSocketAddress.of("/run/gateway"));

    assertThat(behindProxies.of(request).isLoopbackAddress()).isTrue();
    assertThat(behindProxies.forwardedPrefix(request)).isEmpty();
  }

  @Test
  void longPrefix_isIgnored() throws Exception {
    HttpFields longest = HttpFields.build().add("X-Forwarded-Prefix", "/" + "a".repeat(199));
    HttpFields longer = HttpFields.build(longest).add("X-Forwarded-Prefix", "/b");

    assertThat(behindProxies.prefix(InetAddress.getByName("10.0.0.1"), longest)).hasSize(200);
    assertThat(behindProxies.prefix(InetAddress.getByName("10.0.0.1"), longer)).isEmpty();
  }
}
