package io.github.videoquery.query;

import io.github.videoquery.cache.Tasks;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.RequestContextFilter;

/** Puts the memory in front of the endpoint. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {
  @Bean
  QueryReader queryReader(Tasks tasks) {
    return new QueryReader(tasks.forwardParameters());
  }

  @Bean
  ReplyRenderer replyRenderer(Tasks tasks, QueryMetrics metrics) {
    return new ReplyRenderer(tasks, metrics);
  }

  @Bean
  RememberedTaskHandler rememberedTaskHandler(
      QueryReader reader, Tasks tasks, ReplyRenderer renderer) {
    return new RememberedTaskHandler(reader, tasks, renderer);
  }

  /** Nobody here asks for the current request by thread. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> noRequestContext() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }
}
