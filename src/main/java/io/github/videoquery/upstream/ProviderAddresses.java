package io.github.videoquery.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import reactor.netty.resources.LoopResources;

/**
 * Resolves the provider's name to addresses that a connection can be made to: those in the hosts
 * file, else those of both families from DNS, in the order of a {@link ConnectionRace}.
 *
 * <p>A name with a dot is looked up as it stands before search domains are appended, whatever
 * {@code ndots} says: it is configuration, and Kubernetes' {@code ndots:5} would ask each search
 * domain first.
 */
final class ProviderAddresses extends AddressResolverGroup<InetSocketAddress> {
  /** One for each family; they ask for a name as it stands. */
  private final List<AddressResolverGroup<InetSocketAddress>> families;

  /** Asks for both families of one name after the other, search domains appended. */
  private final AddressResolverGroup<InetSocketAddress> searching;

  private final AddressHealth health;
  private final HostsFile hosts;
  private final ConnectionRace.Connector connector;
  private final Duration longestLookup;

  /**
   * @param servers the name servers to ask
   * @param timeouts of connections and calls
   */
  ProviderAddresses(
      LoopResources loops,
      DnsServerAddressStreamProvider servers,
      AddressTimeouts timeouts,
      HostsFile hosts,
      AddressHealth health) {
    EventLoopGroup group = loops.onClient(LoopResources.DEFAULT_NATIVE);
    int ttl = Math.toIntExact(Math.max(1, timeouts.dnsMaxTtl().toSeconds()));
    List<ResolvedAddressTypes> preferred = families();
    this.families =
        preferred.stream()
            .map(
                family ->
                    dns(
                        builder(loops, group, servers, ttl)
                            .resolvedAddressTypes(family)
                            .searchDomains(List.of())
                            .negativeTtl(family == preferred.getFirst() ? 0 : ttl)))
            .toList();
    this.searching = dns(builder(loops, group, servers, ttl).completeOncePreferredResolved(false));
    this.health = health;
    this.hosts = hosts;
    this.connector = (loop, address) -> connect(loops, group, loop, address, timeouts.connect());
    this.longestLookup = timeouts.lookup();
  }

  /** As system properties set it: {@code java.net.preferIPv4Stack} and the like. */
  private static List<ResolvedAddressTypes> families() {
    if (NetUtil.isIpV4StackPreferred()) {
      return List.of(ResolvedAddressTypes.IPV4_ONLY);
    }
    return NetUtil.isIpV6AddressesPreferred()
        ? List.of(ResolvedAddressTypes.IPV6_ONLY, ResolvedAddressTypes.IPV4_ONLY)
        : List.of(ResolvedAddressTypes.IPV4_ONLY, ResolvedAddressTypes.IPV6_ONLY);
  }

  private static DnsNameResolverBuilder builder(
      LoopResources loops,
      EventLoopGroup group,
      DnsServerAddressStreamProvider servers,
      int maxTtl) {
    return new DnsNameResolverBuilder()
        .nameServerProvider(servers)
        .ttl(0, maxTtl)
        .ndots(1)
        .hostsFileEntriesResolver((name, types) -> null)
        .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, group))
        .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, group), true);
  }

  private static AddressResolverGroup<InetSocketAddress> dns(DnsNameResolverBuilder builder) {
    return new DnsAddressResolverGroup(builder);
  }

  private static Future<?> connect(
      LoopResources loops,
      EventLoopGroup group,
      EventLoop loop,
      InetSocketAddress address,
      Duration timeout) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(() -> loops.onChannel(SocketChannel.class, group))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
        .handler(new Hangup())
        .connect(address);
  }

  @ChannelHandler.Sharable
  private static final class Hangup extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      var _ = ctx.close();
    }
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new RacingResolver(
        (EventLoop) executor, families, searching, hosts, health, connector, longestLookup);
  }

  @Override
  public void close() {
    families.forEach(AddressResolverGroup::close);
    searching.close();
    super.close();
  }
}
