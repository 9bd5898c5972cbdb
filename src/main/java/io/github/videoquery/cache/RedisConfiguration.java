package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** Wires the memory that replicas share, where there is one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("gateway.cache.redis.enabled")
@Import(DataRedisAutoConfiguration.class)
class RedisConfiguration {
  /** A command for a Redis that is not there fails now rather than when it is back. */
  @Bean
  LettuceClientOptionsBuilderCustomizer failAtOnceWhereDisconnected() {
    return options -> options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS);
  }

  @Bean
  SharedCache sharedMemory(
      RedisConnectionFactory connections,
      CacheProperties properties,
      TaskMetrics metrics,
      MeterRegistry registry,
      Ticker ticker,
      InstantSource clock) {
    return new RedisCache(
            connections, properties.redis().keyPrefix(), metrics, registry, ticker, clock)
        .started();
  }
}
