package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The system's hosts file ({@code /etc/hosts}). It is read again after the refresh interval,
 * because Kubernetes and operators change it while the service runs.
 */
final class HostsFile {
  private final Supplier<HostsFileEntriesProvider> file;
  private final long refreshNanos;
  private final TimeSource time;
  private @Nullable HostsFileEntriesProvider entries;
  private long readAt;

  HostsFile(Duration refresh, TimeSource time) {
    this(() -> HostsFileEntriesProvider.parser().parseSilently(), refresh, time);
  }

  HostsFile(Supplier<HostsFileEntriesProvider> file, Duration refresh, TimeSource time) {
    this.file = file;
    this.refreshNanos = refresh.toNanos();
    this.time = time;
  }

  /** The addresses of a name, those of the preferred family first; empty if it is not listed. */
  List<InetAddress> addresses(String name) {
    String key = name.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    HostsFileEntriesProvider current = current();
    List<InetAddress> ipv4 = current.ipv4Entries().getOrDefault(key, List.of());
    List<InetAddress> ipv6 =
        NetUtil.isIpV4StackPreferred()
            ? List.of()
            : current.ipv6Entries().getOrDefault(key, List.of());
    return NetUtil.isIpV6AddressesPreferred()
        ? Stream.concat(ipv6.stream(), ipv4.stream()).toList()
        : Stream.concat(ipv4.stream(), ipv6.stream()).toList();
  }

  private synchronized HostsFileEntriesProvider current() {
    long now = time.nanoTime();
    if (entries == null || now - readAt >= refreshNanos) {
      entries = file.get();
      readAt = now;
    }
    return Objects.requireNonNull(entries);
  }
}
