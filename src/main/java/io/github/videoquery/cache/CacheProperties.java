package io.github.videoquery.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * How much is cached, and for how long.
 *
 * @param maxSize limit on the memory of all cached entries; at most half of the heap, and less
 *     where two of the largest answers would not fit beside it
 * @param finishedTtl how long a finished task is fresh, counted from its completion
 * @param unfinishedTtl fixes how long an unfinished answer is fresh; unset, a schedule by the
 *     task's age decides; {@code 0s} shares only calls in flight
 * @param staleIfError how much longer a finished task may be served stale: while a call refreshes
 *     it, or the provider fails
 * @param redis the cache that replicas share
 */
@ConfigurationProperties("gateway.cache")
record CacheProperties(
    @DefaultValue("128MB") DataSize maxSize,
    @DefaultValue("12h") Duration finishedTtl,
    @Nullable Duration unfinishedTtl,
    @DefaultValue("24h") Duration staleIfError,
    @DefaultValue Redis redis) {

  /**
   * @param enabled whether replicas share a cache in Redis; {@code spring.data.redis.*} configures
   *     the connection
   * @param keyPrefix prefix of its keys in Redis
   */
  record Redis(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("video-query-gateway:") String keyPrefix) {}

  CacheProperties {
    require(
        maxSize.toBytes() == 0 || maxSize.toMegabytes() >= 1,
        "max-size",
        maxSize,
        "Give at least 1MB, for example 128MB, or 0 to remember nothing.");
    require(
        !finishedTtl.isNegative(),
        "finished-ttl",
        finishedTtl,
        "Give a time that is not negative, for example 12h.");
    require(
        unfinishedTtl == null || !unfinishedTtl.isNegative(),
        "unfinished-ttl",
        unfinishedTtl,
        "Give a time that is not negative, for example 5s, or leave it unset for the schedule.");
    require(
        !staleIfError.isNegative(),
        "stale-if-error",
        staleIfError,
        "Give a time that is not negative, for example 24h.");
  }

  private static void require(boolean valid, String name, @Nullable Object value, String howToFix) {
    if (!valid) {
      throw new InvalidConfigurationPropertyValueException(
          "gateway.cache." + name, value, howToFix);
    }
  }
}
