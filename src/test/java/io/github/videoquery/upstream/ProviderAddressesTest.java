package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.github.videoquery.time.TimeSource;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.HostsFileEntriesProvider;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
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
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
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

  private static HostsFileEntriesProvider parse(String text) {
    try {
      return HostsFileEntriesProvider.parser().parse(new StringReader(text));
    } catch (java.io.IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
