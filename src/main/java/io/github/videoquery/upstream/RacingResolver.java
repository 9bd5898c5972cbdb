package io.github.videoquery.upstream;

import io.netty.channel.EventLoop;
import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Resolves the provider's name on one event loop: by the hosts file, or as it stands in both
 * families, or with search domains appended. The addresses that can be connected to come first.
 */
final class RacingResolver extends AbstractAddressResolver<InetSocketAddress> {
  private final EventLoop loop;
  private final List<AddressResolverGroup<InetSocketAddress>> families;
  private final AddressResolverGroup<InetSocketAddress> searching;
  private final HostsFile hosts;
  private final AddressHealth health;
  private final ConnectionRace.Connector connector;
  private final Duration longestLookup;

  /** No name server has answered. */
  static final class SilentDnsException extends UnknownHostException {
    private static final long serialVersionUID = 1;

    SilentDnsException(String name) {
      super(name + ": no name server answers");
    }
  }

  /**
   * @param longestLookup shorter than the deadline of a call, which would hide that the DNS is
   *     silent
   */
  RacingResolver(
      EventLoop loop,
      List<AddressResolverGroup<InetSocketAddress>> families,
      AddressResolverGroup<InetSocketAddress> searching,
      HostsFile hosts,
      AddressHealth health,
      ConnectionRace.Connector connector,
      Duration longestLookup) {
    super(loop, InetSocketAddress.class);
    this.loop = loop;
    this.families = families;
    this.searching = searching;
    this.hosts = hosts;
    this.health = health;
    this.connector = connector;
    this.longestLookup = longestLookup;
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
    String name = unresolved.getHostString();
    List<InetAddress> listed = hosts.addresses(name);
    if (!listed.isEmpty()) {
      List<InetSocketAddress> addresses =
          listed.stream()
              .map(address -> new InetSocketAddress(address, unresolved.getPort()))
              .toList();
      race(List.of(loop.newSucceededFuture(addresses)), promise);
    } else if (name.indexOf('.') < 0) {
      race(List.of(lookUp(searching, unresolved)), promise);
    } else {
      raceAsItStands(unresolved, promise);
    }
  }

  /** The two families are those of one name: another name's address belongs to somebody else. */
  private void raceAsItStands(
      InetSocketAddress unresolved, Promise<List<InetSocketAddress>> promise) {
    Promise<List<InetSocketAddress>> asItStands = loop.newPromise();
    asItStands.addListener(
        raced -> {
          if (raced.isSuccess()) {
            promise.trySuccess(asItStands.getNow());
          } else if (raced.cause() instanceof UnknownHostException unknown
              && !(unknown instanceof SilentDnsException)) {
            race(List.of(lookUp(searching, unresolved)), promise);
          } else {
            promise.tryFailure(raced.cause());
          }
        });
    race(families.stream().map(family -> lookUp(family, unresolved)).toList(), asItStands);
  }

  private Future<List<InetSocketAddress>> lookUp(
      AddressResolverGroup<InetSocketAddress> resolvers, InetSocketAddress name) {
    Promise<List<InetSocketAddress>> answer = loop.newPromise();
    var _ = PromiseNotifier.cascade(false, resolvers.getResolver(loop).resolveAll(name), answer);
    Future<?> limit =
        loop.schedule(
            () -> answer.tryFailure(new SilentDnsException(name.getHostString())),
            longestLookup.toMillis(),
            TimeUnit.MILLISECONDS);
    answer.addListener(done -> limit.cancel(false));
    return answer;
  }

  private void race(
      List<Future<List<InetSocketAddress>>> lookups, Promise<List<InetSocketAddress>> promise) {
    new ConnectionRace(loop, health, connector, promise).start(lookups);
  }
}
