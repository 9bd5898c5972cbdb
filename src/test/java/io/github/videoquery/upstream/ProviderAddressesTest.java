package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.netty.resources.LoopResources;

class ProviderAddressesTest {
  private final AtomicReference<String> file = new AtomicReference<>("");
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final HostsFile hosts =
      new HostsFile(() -> parse(file.get()), Duration.ofSeconds(30), time);

  @Test
  void hostsFile_isReadAgain_afterItsTime() throws Exception {
    file.set("192.0.2.1 Provider.example provider");
    assertThat(hosts.addresses("PROVIDER.example."))
        .containsExactly(InetAddress.getByName("192.0.2.1"));
    file.set("192.0.2.2 provider.example\n2001:db8::2 provider.example");
    assertThat(hosts.addresses("provider.example"))
        .containsExactly(InetAddress.getByName("192.0.2.1"));

    time.advance(Duration.ofSeconds(30));

    assertThat(hosts.addresses("provider.example"))
        .containsExactly(InetAddress.getByName("192.0.2.2"), InetAddress.getByName("2001:db8::2"));
    assertThat(hosts.addresses("another.example")).isEmpty();
  }

  /** Two addresses that answer and refuse as real ones do: nobody listens at the first. */
  @Test
  void addressThatCanBeConnectedTo_isFirst() throws Exception {
    file.set("127.0.0.21 provider.example\n127.0.0.22 provider.example");
    LoopResources loops = LoopResources.create("test", 1, true);
    try (var listening = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.22"));
        var addresses =
            new ProviderAddresses(
                loops,
                DnsServerAddressStreamProviders.platformDefault(),
                new AddressTimeouts(
                    Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(30)),
                hosts,
                new AddressHealth(TimeSource.SYSTEM))) {
      AddressResolver<InetSocketAddress> resolver =
          addresses.getResolver(loops.onClient(true).next());
      var unresolved =
          InetSocketAddress.createUnresolved("provider.example", listening.getLocalPort());

      List<InetSocketAddress> resolved = resolver.resolveAll(unresolved).sync().getNow();

      assertThat(resolved)
          .extracting(address -> address.getAddress().getHostAddress())
          .containsExactly("127.0.0.22", "127.0.0.21");
      assertThat(resolver.resolve(unresolved).sync().getNow()).isEqualTo(resolved.getFirst());
    } finally {
      loops.disposeLater().block();
    }
  }

  @ParameterizedTest
  @CsvSource({"PT30S,PT6S", "PT10S,PT2S", "PT5S,PT2S", "PT3S,PT1.5S", "PT0.1S,PT0.05S"})
  void lookup_endsBeforeTheDeadlineOfItsCall(Duration call, Duration longest) {
    assertThat(new AddressTimeouts(Duration.ZERO, call, Duration.ZERO).lookup()).isEqualTo(longest);
  }

  /** Such a call has to say so, before its own deadline would hide it. */
  @ParameterizedTest
  @CsvSource({"2,SERVFAIL", "3,NXDOMAIN", "5,REFUSED", "-1,silent"})
  void nameThatTheDnsDoesNotResolve_isNamedAsTheCause(int code, String word) throws Exception {
    LoopResources loops = LoopResources.create("test", 1, true);
    try (var server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        var addresses =
            new ProviderAddresses(
                loops,
                new SingletonDnsServerAddressStreamProvider(
                    (InetSocketAddress) server.getLocalSocketAddress()),
                new AddressTimeouts(
                    Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(30)),
                hosts,
                new AddressHealth(TimeSource.SYSTEM))) {
      Thread.ofVirtual().start(() -> refuse(server, code));
      var unresolved = InetSocketAddress.createUnresolved("provider.example.com", 443);
      Future<List<InetSocketAddress>> resolved =
          addresses.getResolver(loops.onClient(true).next()).resolveAll(unresolved);

      assertThat(resolved.await(10, TimeUnit.SECONDS)).as(word).isTrue();
      URI address = URI.create("https://provider.example.com/v1/video/query");
      var failure =
          new WebClientRequestException(
              resolved.cause(), HttpMethod.GET, address, HttpHeaders.EMPTY);
      assertThat(CallFailure.reply(failure, false)).isEqualTo(new Unreachable(Trouble.DNS));
      assertThat(new Unreached("default", address, null).why(Trouble.DNS, resolved.cause()))
          .isEqualTo(
              "No address was found for provider.example.com. Check gateway.upstream.base-url and"
                  + " the DNS.");
    } finally {
      loops.disposeLater().block();
    }
  }

  /**
   * Answers each question with this code (RFC 1035, section 4.1.1); does not answer if it is
   * negative.
   */
  private static void refuse(DatagramSocket server, int code) {
    var packet = new DatagramPacket(new byte[512], 512);
    try {
      while (code >= 0) {
        server.receive(packet);
        byte[] message = packet.getData();
        message[2] |= (byte) 0x80; // a response
        message[3] = (byte) code;
        message[11] = 0; // without what the question added
        server.send(packet);
      }
    } catch (java.io.IOException closed) {
      // the test is over
    }
  }

  private static HostsFileEntriesProvider parse(String text) {
    try {
      return HostsFileEntriesProvider.parser().parse(new StringReader(text));
    } catch (java.io.IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
