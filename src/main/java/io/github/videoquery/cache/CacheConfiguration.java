package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.LargestBody;
import io.github.videoquery.upstream.ProviderClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Wires the cache: one Caffeine cache, named {@value #CACHE} in Spring's cache manager. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CacheProperties.class)
class CacheConfiguration {
  private static final String CACHE = "tasks";

  @Bean
  HeapPlan heapPlan(CacheProperties properties, LargestBody largestBody) {
    return HeapPlan.of(
        Runtime.getRuntime().maxMemory(),
        properties.maxSize().toBytes(),
        largestBody.size().toBytes());
  }

  @Bean
  BodyMemory bodyMemory(HeapPlan heap) {
    return new BodyMemory(heap.bodies());
  }

  @Bean
  CaffeineCacheManager cacheManager(HeapPlan heap, TimeSource time) {
    var manager = new CaffeineCacheManager();
    manager.setCacheNames(List.of());
    manager.registerCustomCache(
        CACHE,
        Caffeine.newBuilder()
            .maximumWeight(heap.cache())
            .weigher((Object query, Object entry) -> ((CacheEntry) entry).weight((TaskQuery) query))
            .expireAfter(UNTIL_GONE)
            .executor(Runnable::run) // maintenance is short; another thread costs more than it
            .ticker(time::nanoTime)
            .recordStats()
            .build());
    return manager;
  }

  @Bean
  @Order(3)
  InfoContributor cacheInfo(HeapPlan heap) {
    return info -> info.withDetail("cache", (heap.cache() >> 20) + " MB");
  }

  @Bean
  @Order(4)
  @ConditionalOnBooleanProperty(
      name = "gateway.cache.redis.enabled",
      havingValue = false,
      matchIfMissing = true)
  InfoContributor noRedisInfo() {
    return info -> info.withDetail("Redis", "off");
  }

  @Bean
  Forecast forecast(TimeSource time) {
    return new Forecast(time);
  }

  @Bean
  TaskMetrics taskMetrics(MeterRegistry registry, Forecast forecast) {
    return new TaskMetrics(registry, forecast);
  }

  @Bean
  TaskStore taskStore(CaffeineCacheManager cacheManager, BodyMemory bodyMemory) {
    var cache = (CaffeineCache) Objects.requireNonNull(cacheManager.getCache(CACHE));
    return new TaskStore(cache, bodyMemory);
  }

  @Bean
  @ConditionalOnBooleanProperty(
      name = "gateway.cache.redis.enabled",
      havingValue = false,
      matchIfMissing = true)
  SharedCache noSharedCache() {
    return SharedCache.NONE;
  }

  @Bean
  TaskCache taskCache(
      TaskStore store,
      ProviderClient provider,
      CacheProperties properties,
      TaskMetrics metrics,
      SharedCache shared,
      BodyMemory bodyMemory,
      TimeSource time) {
    var refresher =
        new Refresher(store, provider, new Freshness(properties), metrics, shared, time);
    return new TaskCache(store, refresher, metrics, bodyMemory, time);
  }

  @Bean
  TaskFeeds taskFeeds(
      TaskCache cache, TaskMetrics metrics, MeterRegistry registry, TimeSource time) {
    return new TaskFeeds(cache, metrics, registry, time);
  }

  @Bean
  TasksEndpoint tasksEndpoint(
      TaskStore store, SharedCache shared, TaskFeeds feeds, TimeSource time) {
    return new TasksEndpoint(store, shared, feeds, time);
  }

  static final Expiry<Object, Object> UNTIL_GONE =
      new Expiry<>() {
        @Override
        public long expireAfterCreate(Object query, Object entry, long now) {
          var stored = (CacheEntry) entry;
          return stored.keptNanos() - stored.ageNanos(now);
        }

        @Override
        public long expireAfterUpdate(Object query, Object entry, long now, long left) {
          return expireAfterCreate(query, entry, now);
        }

        @Override
        public long expireAfterRead(Object query, Object entry, long now, long left) {
          return left;
        }
      };
}
