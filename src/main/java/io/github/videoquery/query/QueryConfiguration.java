package io.github.videoquery.query;

import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.task.BodyMemory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.RequestContextFilter;

/** Wires the ways a question can be answered. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WaitProperties.class)
class QueryConfiguration {
  @Bean
  QueryReader queryReader(TaskCache tasks, WaitProperties waiting) {
    return new QueryReader(tasks.forwardParameters(), waiting.max());
  }

  @Bean
  ReplyRenderer replyRenderer(TaskCache tasks, BodyMemory memory, QueryMetrics metrics) {
    return new ReplyRenderer(tasks, memory, metrics);
  }

  @Bean
  CacheHitHandler rememberedTaskHandler(
      QueryReader reader, TaskCache tasks, ReplyRenderer renderer) {
    return new CacheHitHandler(reader, tasks, renderer);
  }

  @Bean
  AwaitedTaskHandler awaitedTaskHandler(
      TaskCache tasks,
      ReplyRenderer renderer,
      QueryMetrics metrics,
      Subscribers waiters,
      BodyMemory memory,
      WaitProperties properties) {
    return new AwaitedTaskHandler(
        tasks, renderer, metrics, waiters, memory, properties.heartbeat());
  }

  /** Nobody here asks for the current request by thread. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> noRequestContext() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }
}
