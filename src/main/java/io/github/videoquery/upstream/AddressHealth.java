package io.github.videoquery.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.videoquery.time.TimeSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** Which of the provider's addresses accepted a connection in the last minute, and which failed. */
final class AddressHealth {
  private static final Duration GOOD_FOR = Duration.ofMinutes(1);
  private static final Duration DEAD_FOR = Duration.ofMinutes(1);
  private static final int MAX_ADDRESSES = 1_000;

  private final Cache<InetSocketAddress, Boolean> good;
  private final Cache<InetSocketAddress, Boolean> dead;

  AddressHealth(TimeSource time) {
    this.good = cache(GOOD_FOR, time);
    this.dead = cache(DEAD_FOR, time);
  }

  private static Cache<InetSocketAddress, Boolean> cache(Duration lifetime, TimeSource time) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_ADDRESSES)
        .expireAfterWrite(lifetime)
        .executor(Runnable::run)
        .ticker(time::nanoTime)
        .build();
  }

  /** Records an attempt to connect. */
  void tried(InetSocketAddress address, boolean connected) {
    (connected ? good : dead).put(address, true);
    (connected ? dead : good).invalidate(address);
  }

  /** Whether a connection was made within the last minute, and none failed since. */
  boolean isGood(InetSocketAddress address) {
    return good.getIfPresent(address) != null;
  }

  /** The good addresses, then the untried ones, then those that failed within the last minute. */
  List<InetSocketAddress> inOrder(List<InetSocketAddress> addresses) {
    return addresses.stream()
        .map(address -> new Ranked(address, rank(address))) // ranked once: ranks can change
        .sorted(Comparator.comparingInt(Ranked::rank))
        .map(Ranked::address)
        .toList();
  }

  private record Ranked(InetSocketAddress address, int rank) {}

  private int rank(InetSocketAddress address) {
    return isGood(address) ? 0 : dead.getIfPresent(address) == null ? 1 : 2;
  }
}
