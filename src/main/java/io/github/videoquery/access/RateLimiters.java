package io.github.videoquery.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.videoquery.time.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The rate limiter of each client on this replica. A client keeps it when the clients file is read
 * again, or when its token changes.
 */
final class RateLimiters {
  private static final String DETAIL =
      "This client asks more often than it may. Wait for the time in Retry-After; answers from"
          + " memory cost less, and one wait=60 or a stream costs as much as one question.";

  private final Rate standard;
  private final LoadingCache<Holder, RateLimiter> held;

  RateLimiters(AccessProperties.RateLimit limit, TimeSource time) {
    this.standard = limit.rate();
    this.held =
        Caffeine.newBuilder()
            .weakValues()
            .build(holder -> new RateLimiter("client", holder.rate, limit.hitCost(), DETAIL, time));
  }

  private record Holder(String client, Rate rate) {}

  /**
   * @param own the client's own rate; null gives it the one of all
   */
  RateLimiter of(String client, @Nullable Rate own) {
    return held.get(new Holder(client, own == null ? standard : own));
  }
}
