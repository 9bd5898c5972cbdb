package io.github.videoquery.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.time.TimeSource;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/**
 * Limits the failed authentications of one address to 10 per second, with a burst of 100. Only
 * failures are counted and refused; a valid credential is always accepted.
 */
final class FailedAttempts {
  private static final Rate RATE = new Rate(10, 100);
  private static final int MAX_ADDRESSES = 20_000;
  private static final Duration EVICTED_AFTER = Duration.ofMinutes(1);
  private static final String DETAIL =
      "Too many requests without a valid credential came from this address. Mend the credential: a"
          + " right one is answered at once.";

  /** An IPv6 client usually owns a /64 network, so the limit applies to the network. */
  private static final int IPV6_NETWORK_BYTES = 8;

  private final LoadingCache<ByteBuffer, RateLimiter> perAddress;

  FailedAttempts(TimeSource time) {
    this.perAddress =
        Caffeine.newBuilder()
            .maximumSize(MAX_ADDRESSES)
            .expireAfterAccess(EVICTED_AFTER)
            .executor(Runnable::run)
            .ticker(time::nanoTime)
            .build(address -> new RateLimiter("failed-authentication", RATE, 1, DETAIL, time));
  }

  /**
   * Counts a refusal, if it can be an attacker's; returns what to answer: the refusal itself, or
   * that there are too many.
   */
  Problem count(InetAddress address, Problem refusal) {
    boolean isAttempt =
        refusal.code() == ProblemCode.UNAUTHENTICATED
            || refusal.equals(TokenVerifier.NOT_YET_KNOWN);
    return !isAttempt
        ? refusal
        : Objects.requireNonNullElse(perAddress.get(network(address)).takeOrRefuse(), refusal);
  }

  private static ByteBuffer network(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ByteBuffer.wrap(
        bytes, 0, address instanceof Inet6Address ? IPV6_NETWORK_BYTES : bytes.length);
  }
}
