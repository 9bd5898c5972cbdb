package io.github.videoquery.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.videoquery.time.TimeSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** Which of the provider's addresses could lately be connected to, and which could not. */
final class AddressHealth {
  private static final Duration GOOD_FOR = Duration.ofMinutes(1);
  private static final Duration DEAD_FOR = Duration.ofMinutes(1);
  private static final int MAX_ADDRESSES = 1_000;

  private final Cache<InetSocketAddress, Boolean> good;
  private final Cache<InetSocketAddress, Boolean> dead;

  AddressHealth(TimeSource time) {
    this.good = remembering(GOOD_FOR, time);
    this.dead = remembering(DEAD_FOR, time);
  }

  private static Cache<InetSocketAddress, Boolean> remembering(Duration lifetime, TimeSource time) {
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

  /**
   * Those that are good, then those nothing is known of, then those that failed within a minute.
   */
  List<InetSocketAddress> inOrder(List<InetSocketAddress> addresses) {
    return addresses.stream()
        .map(address -> new Ranked(address, rank(address))) // once: ranks change while sorting
        .sorted(Comparator.comparingInt(Ranked::rank))
        .map(Ranked::address)
        .toList();
  }

  private record Ranked(InetSocketAddress address, int rank) {}

  private int rank(InetSocketAddress address) {
    return isGood(address) ? 0 : dead.getIfPresent(address) == null ? 1 : 2;
  }
}
