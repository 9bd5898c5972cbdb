package io.github.videoquery.cache;

import io.github.videoquery.time.TimeSource;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** Wires the cache that replicas share, where there is one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("gateway.cache.redis.enabled")
@Import(DataRedisAutoConfiguration.class)
class RedisConfiguration {
  private static final Duration RECONNECT_DELAY = Duration.ofSeconds(1);

  /** While disconnected, commands fail at once instead of waiting for the reconnect. */
  @Bean
  LettuceClientOptionsBuilderCustomizer failAtOnceWhereDisconnected() {
    return options -> options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS);
  }

  /** After a break at most one attempt a second; by default they come within milliseconds. */
  @Bean
  ClientResourcesBuilderCustomizer reconnectEachSecond() {
    return resources -> resources.reconnectDelay(Delay.constant(RECONNECT_DELAY));
  }

  @Bean
  @Order(4)
  InfoContributor redisInfo(DataRedisConnectionDetails redis) {
    return info -> info.withDetail("Redis", nodes(redis));
  }

  private static String nodes(DataRedisConnectionDetails redis) {
    if (redis.getSentinel() != null) {
      return "by Sentinel " + redis.getSentinel().getNodes();
    }
    if (redis.getCluster() != null) {
      return "Cluster " + redis.getCluster().getNodes();
    }
    return redis.getStandalone() == null
        ? "on"
        : redis.getStandalone().getHost() + ":" + redis.getStandalone().getPort();
  }

  @Bean
  RedisOperations redisOperations(
      LettuceConnectionFactory lettuce, MeterRegistry registry, TimeSource time) {
    return new RedisOperations(new RedisConnections(lettuce, time), registry, time);
  }

  @Bean
  RedisForgotten redisForgotten(
      RedisOperations operations,
      CacheProperties properties,
      TaskStore store,
      SharedCache shared,
      TaskFeeds feeds,
      TimeSource time) {
    return new RedisForgotten(operations, keys(properties), store, shared, feeds, time).started();
  }

  @Bean
  SharedCache redisCache(
      RedisOperations operations,
      CacheProperties properties,
      TaskMetrics metrics,
      TimeSource time) {
    return new RedisCache(operations, keys(properties), metrics, time).started();
  }

  private static RedisKeys keys(CacheProperties properties) {
    return new RedisKeys(properties.redis().keyPrefix());
  }
}
