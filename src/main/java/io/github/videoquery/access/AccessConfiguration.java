package io.github.videoquery.access;

import io.github.videoquery.task.TaskQuery;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Puts the access filter before everything that answers for tasks. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {
  /** After the request has its id and its observation; before any answer. */
  static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 10;

  @Bean
  FilterRegistrationBean<AccessFilter> accessFilter(
      AccessProperties properties, MeterRegistry registry, InstantSource clock) {
    Clients clients =
        switch (properties.mode()) {
          case API_KEY -> Clients.load(properties.clientsFile());
          case NONE -> null;
        };
    var registration =
        new FilterRegistrationBean<>(new AccessFilter(clients, new ClientMetrics(registry), clock));
    registration.addUrlPatterns(TaskQuery.PATH);
    registration.setOrder(ORDER);
    return registration;
  }
}
