package io.github.videoquery.query;

import io.github.videoquery.cache.Forecast;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.cache.TaskFeeds;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.ProviderClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/** Wires the ways a query can be answered. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WaitProperties.class)
class QueryConfiguration {
  @Bean
  QueryReader queryReader(ProviderClient provider, WaitProperties waiting) {
    return new QueryReader(
        provider.forwardParameters(), waiting.max(), waiting.maxTasksPerStream());
  }

  @Bean
  Responder responder(TaskCache cache, QueryMetrics metrics, BodyMemory memory) {
    return new Responder(new ReplyRenderer(cache::gzip), metrics, memory);
  }

  @Bean
  LongPollHandler longPollHandler(
      TaskCache cache,
      TaskFeeds feeds,
      Responder responder,
      Subscribers subscribers,
      TimeSource time) {
    return new LongPollHandler(cache, feeds, responder, subscribers, time);
  }

  @Bean
  StreamScheduler streamScheduler(WaitProperties properties, TaskFeeds feeds, TimeSource time) {
    return new StreamScheduler(properties, feeds, time);
  }

  @Bean
  EventStreamHandler eventStreamHandler(
      TaskCache cache,
      TaskFeeds feeds,
      Forecast forecast,
      Responder responder,
      QueryMetrics metrics,
      Subscribers subscribers,
      BodyMemory memory,
      StreamScheduler scheduler) {
    return new EventStreamHandler(
        cache, feeds, forecast, responder, metrics, subscribers, memory, scheduler);
  }

  @Bean
  ManyTasksHandler manyTasksHandler(
      TaskFeeds feeds,
      Forecast forecast,
      QueryMetrics metrics,
      Subscribers subscribers,
      BodyMemory memory,
      StreamScheduler scheduler) {
    return new ManyTasksHandler(feeds, forecast, metrics, subscribers, memory, scheduler);
  }

  @Bean
  CacheHitHandler cacheHitHandler(
      QueryReader reader,
      TaskCache cache,
      Responder responder,
      LongPollHandler longPolls,
      EventStreamHandler eventStreams,
      ManyTasksHandler manyTasks) {
    return new CacheHitHandler(reader, cache, responder, longPolls, eventStreams, manyTasks);
  }

  /** Before Spring's own, which would decide about 304 again and look for a converter. */
  @Bean
  SmartInitializingSingleton byteEntities(RequestMappingHandlerAdapter adapter) {
    return () -> {
      List<HandlerMethodReturnValueHandler> handlers = new ArrayList<>();
      handlers.add(new ByteEntityHandler());
      handlers.addAll(Objects.requireNonNull(adapter.getReturnValueHandlers()));
      adapter.setReturnValueHandlers(handlers);
    };
  }

  /** Nothing here uses the thread-bound current request. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> noRequestContext() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }
}
