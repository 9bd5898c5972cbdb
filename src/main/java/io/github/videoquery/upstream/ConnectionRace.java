package io.github.videoquery.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of a name that a connection can be made to, as "Happy Eyeballs" does (RFC
 * 8305): addresses are tried in turn, the next one 250 ms after the one before or as soon as that
 * has failed, until one is connected to. Runs on one event loop.
 *
 * <p>No race is run for a single address, or while one is known to be good.
 */
final class ConnectionRace {
  /** RFC 8305, section 5: Connection Attempt Delay. */
  static final long ATTEMPT_DELAY_MILLIS = 250;

  /** RFC 8305, section 3: how long to wait for one family after the other was resolved. */
  static final long RESOLUTION_DELAY_MILLIS = 50;

  private final EventLoop loop;
  private final AddressHealth health;
  private final Connector connector;
  private final Promise<List<InetSocketAddress>> promise;

  /** By family, the preferred one first. */
  private final List<List<InetSocketAddress>> found = new ArrayList<>();

  private final Set<InetSocketAddress> tried = new LinkedHashSet<>();
  private final Set<InetSocketAddress> connecting = new LinkedHashSet<>();
  private int lookupsLeft;
  private boolean hasBegun;
  private @Nullable Future<?> nextAttempt;
  private Throwable failure = new UnknownHostException("The name has no address");

  /** Connects to an address, and closes the connection at once. */
  interface Connector {
    Future<?> connect(EventLoop loop, InetSocketAddress address);
  }

  /**
   * @param promise of all addresses, those to try first in front
   */
  ConnectionRace(
      EventLoop loop,
      AddressHealth health,
      Connector connector,
      Promise<List<InetSocketAddress>> promise) {
    this.loop = loop;
    this.health = health;
    this.connector = connector;
    this.promise = promise;
  }

  /**
   * @param lookups of each family's addresses, the preferred family first
   */
  void start(List<Future<List<InetSocketAddress>>> lookups) {
    lookupsLeft = lookups.size();
    lookups.forEach(lookup -> found.add(List.of()));
    for (int i = 0; i < lookups.size(); i++) {
      int family = i;
      lookups.get(i).addListener(lookup -> lookedUp(family, lookups.get(family)));
    }
  }

  private void lookedUp(int family, Future<List<InetSocketAddress>> lookup) {
    lookupsLeft--;
    if (lookup.isSuccess()) {
      found.set(family, lookup.getNow());
    } else {
      failure = lookup.cause();
    }
    if (hasBegun || lookupsLeft == 0 || isAnyGood()) {
      advance();
    } else if (lookup.isSuccess()) {
      var _ = loop.schedule(this::begin, RESOLUTION_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private boolean isAnyGood() {
    return AddressFamilies.interleaved(found).stream().anyMatch(health::isGood);
  }

  private void begin() {
    if (!hasBegun) {
      advance();
    }
  }

  private void advance() {
    if (promise.isDone()) {
      return;
    }
    List<InetSocketAddress> addresses = health.inOrder(AddressFamilies.interleaved(found));
    boolean isSingle = lookupsLeft == 0 && addresses.size() == 1;
    if (!hasBegun && !addresses.isEmpty() && (isSingle || health.isGood(addresses.getFirst()))) {
      promise.trySuccess(addresses);
      return;
    }
    hasBegun = true;
    addresses.stream()
        .filter(address -> !tried.contains(address))
        .findFirst()
        .ifPresentOrElse(this::attempt, this::failIfNothingIsLeft);
  }

  private void attempt(InetSocketAddress address) {
    tried.add(address);
    connecting.add(address);
    if (nextAttempt != null) {
      nextAttempt.cancel(false);
    }
    nextAttempt = loop.schedule(this::advance, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    connector
        .connect(loop, address)
        .addListener(connected -> attempted(address, connected.cause()));
  }

  private void attempted(InetSocketAddress address, @Nullable Throwable cause) {
    connecting.remove(address);
    health.tried(address, cause == null);
    if (cause == null) {
      connecting.forEach(slow -> health.tried(slow, false));
      connecting.clear();
      promise.trySuccess(health.inOrder(AddressFamilies.interleaved(found)));
    } else {
      failure = cause;
      advance();
    }
  }

  private void failIfNothingIsLeft() {
    if (connecting.isEmpty() && lookupsLeft == 0) {
      promise.tryFailure(failure);
    }
  }
}
