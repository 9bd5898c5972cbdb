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
import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
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
  private final List<AddressResolverGroup<InetSocketAddress>> families;
  private final AddressHealth health;
  private final HostsFile hosts;
  private final ConnectionRace.Connector connector;

  /**
   * @param dnsMaxTtl the longest time an address from DNS is believed
   */
  ProviderAddresses(
      LoopResources loops,
      Duration connectTimeout,
      Duration dnsMaxTtl,
      HostsFile hosts,
      AddressHealth health) {
    EventLoopGroup group = loops.onClient(LoopResources.DEFAULT_NATIVE);
    int ttl = Math.toIntExact(Math.max(1, dnsMaxTtl.toSeconds()));
    List<ResolvedAddressTypes> preferred = families();
    this.families =
        preferred.stream()
            .map(family -> dns(loops, group, family, ttl, family == preferred.getFirst() ? 0 : ttl))
            .toList();
    this.health = health;
    this.hosts = hosts;
    this.connector = (loop, address) -> connect(loops, group, loop, address, connectTimeout);
  }

  /** As the JVM is told to prefer them: {@code java.net.preferIPv4Stack} and the like. */
  private static List<ResolvedAddressTypes> families() {
    if (NetUtil.isIpV4StackPreferred()) {
      return List.of(ResolvedAddressTypes.IPV4_ONLY);
    }
    return NetUtil.isIpV6AddressesPreferred()
        ? List.of(ResolvedAddressTypes.IPV6_ONLY, ResolvedAddressTypes.IPV4_ONLY)
        : List.of(ResolvedAddressTypes.IPV4_ONLY, ResolvedAddressTypes.IPV6_ONLY);
  }

  /**
   * @param noneTtl seconds to remember that there is no address: most names have none of the other
   *     family, which need not be asked for each time
   */
  private static AddressResolverGroup<InetSocketAddress> dns(
      LoopResources loops,
      EventLoopGroup group,
      ResolvedAddressTypes family,
      int maxTtl,
      int noneTtl) {
    return new DnsAddressResolverGroup(
        new DnsNameResolverBuilder()
            .resolvedAddressTypes(family)
            .ttl(0, maxTtl)
            .negativeTtl(noneTtl)
            .ndots(1)
            .hostsFileEntriesResolver((name, types) -> null)
            .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, group))
            .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, group), true));
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
    return new Resolver((EventLoop) executor);
  }

  private final class Resolver extends AbstractAddressResolver<InetSocketAddress> {
    private final EventLoop loop;

    Resolver(EventLoop loop) {
      super(loop, InetSocketAddress.class);
      this.loop = loop;
    }

    @Override
    protected boolean doIsResolved(InetSocketAddress address) {
      return !address.isUnresolved();
    }

    @Override
    protected void doResolve(InetSocketAddress unresolved, Promise<InetSocketAddress> promise) {
      Promise<List<InetSocketAddress>> all = loop.newPromise();
      all.addListener(
          resolved -> {
            if (resolved.isSuccess()) {
              promise.trySuccess(all.getNow().getFirst());
            } else {
              promise.tryFailure(resolved.cause());
            }
          });
      doResolveAll(unresolved, all);
    }

    @Override
    protected void doResolveAll(
        InetSocketAddress unresolved, Promise<List<InetSocketAddress>> promise) {
      List<InetAddress> listed = hosts.addresses(unresolved.getHostString());
      List<Future<List<InetSocketAddress>>> lookups =
          listed.isEmpty()
              ? families.stream()
                  .map(family -> family.getResolver(loop).resolveAll(unresolved))
                  .toList()
              : List.of(
                  loop.newSucceededFuture(
                      listed.stream()
                          .map(address -> new InetSocketAddress(address, unresolved.getPort()))
                          .toList()));
      new ConnectionRace(loop, health, connector, promise).start(lookups);
    }
  }

  @Override
  public void close() {
    families.forEach(AddressResolverGroup::close);
    super.close();
  }
}
