package io.github.videoquery.query;

import io.github.videoquery.cache.Tasks;
import io.github.videoquery.task.TaskQuery;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Puts the memory in front of the endpoint. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {
  /** Behind access control. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 20;

  @Bean
  QueryReader queryReader(Tasks tasks) {
    return new QueryReader(tasks.forwardParameters());
  }

  @Bean
  ReplyRenderer replyRenderer(Tasks tasks, QueryMetrics metrics) {
    return new ReplyRenderer(tasks, metrics);
  }

  @Bean
  FilterRegistrationBean<RememberedTaskFilter> rememberedTaskFilter(
      QueryReader reader, Tasks tasks, ReplyRenderer renderer) {
    var registration =
        new FilterRegistrationBean<>(new RememberedTaskFilter(reader, tasks, renderer));
    registration.addUrlPatterns(TaskQuery.PATH);
    registration.setOrder(ORDER);
    return registration;
  }
}
