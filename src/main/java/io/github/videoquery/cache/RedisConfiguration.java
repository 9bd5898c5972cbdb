package io.github.videoquery.cache;

import io.github.videoquery.time.TimeSource;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** Wires the cache that replicas share, where there is one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("gateway.cache.redis.enabled")
@Import(DataRedisAutoConfiguration.class)
class RedisConfiguration {
  /** While disconnected, commands fail at once instead of waiting for the reconnect. */
  @Bean
  LettuceClientOptionsBuilderCustomizer failAtOnceWhereDisconnected() {
    return options -> options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS);
  }

  @Bean
  SharedCache redisCache(
      RedisConnectionFactory connections,
      CacheProperties properties,
      TaskMetrics metrics,
      MeterRegistry registry,
      TimeSource time) {
    var operations = new RedisOperations(connections, registry, time);
    return new RedisCache(operations, properties.redis().keyPrefix(), metrics, time).started();
  }
}
