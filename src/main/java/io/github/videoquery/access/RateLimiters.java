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
      "This client queries more often than its limit allows. Wait for the time in Retry-After."
          + " Cached answers cost less. One wait=25, or one event stream, costs as much as one"
          + " query for each of its tasks.";

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
