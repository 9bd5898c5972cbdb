package io.github.videoquery.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.upstream.LargestBody;
import io.github.videoquery.upstream.ProviderClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the memory: one Caffeine cache, known to Spring's cache abstraction as {@value #CACHE}. */
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
  CaffeineCacheManager cacheManager(HeapPlan heap, Ticker ticker) {
    var manager = new CaffeineCacheManager();
    manager.setCacheNames(List.of());
    manager.registerCustomCache(
        CACHE,
        Caffeine.newBuilder()
            .maximumWeight(heap.cache())
            .weigher(
                (Object query, Object snapshot) ->
                    ((CacheEntry) snapshot).weight((TaskQuery) query))
            .expireAfter(UNTIL_UNUSABLE)
            .executor(Runnable::run) // maintenance is short; another thread costs more than it
            .ticker(ticker)
            .recordStats()
            .build());
    return manager;
  }

  @Bean
  TaskMetrics taskMetrics(MeterRegistry registry) {
    return new TaskMetrics(registry);
  }

  @Bean
  TaskCache tasks(
      CaffeineCacheManager cacheManager,
      ProviderClient upstream,
      CacheProperties properties,
      TaskMetrics metrics,
      @Nullable SharedCache sharedMemory,
      BodyMemory bodyMemory,
      Ticker ticker,
      InstantSource clock) {
    var snapshots = (CaffeineCache) Objects.requireNonNull(cacheManager.getCache(CACHE));
    return new TaskCache(
        snapshots,
        upstream,
        upstream.forwardParameters(),
        new Freshness(properties),
        metrics,
        Objects.requireNonNullElse(sharedMemory, SharedCache.NONE),
        bodyMemory,
        ticker,
        clock);
  }

  @Bean
  TasksEndpoint tasksEndpoint(TaskCache tasks, @Nullable SharedCache sharedMemory) {
    return new TasksEndpoint(tasks, Objects.requireNonNullElse(sharedMemory, SharedCache.NONE));
  }

  private static final Expiry<Object, Object> UNTIL_UNUSABLE =
      new Expiry<>() {
        @Override
        public long expireAfterCreate(Object query, Object snapshot, long now) {
          var stored = (CacheEntry) snapshot;
          return stored.usableNanos() - stored.ageNanos(now);
        }

        @Override
        public long expireAfterUpdate(Object query, Object snapshot, long now, long left) {
          return expireAfterCreate(query, snapshot, now);
        }

        @Override
        public long expireAfterRead(Object query, Object snapshot, long now, long left) {
          return left;
        }
      };
}
