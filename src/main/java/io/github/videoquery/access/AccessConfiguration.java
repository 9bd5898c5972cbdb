package io.github.videoquery.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Reads who may ask. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {
  @Bean
  AccessHandler accessHandler(
      AccessProperties properties, MeterRegistry registry, InstantSource clock) {
    Clients clients =
        switch (properties.mode()) {
          case API_KEY -> Clients.load(properties.clientsFile());
          case NONE -> null;
        };
    return new AccessHandler(clients, new ClientMetrics(registry), clock);
  }
}
