package io.github.videoquery;

import io.github.videoquery.edge.NonBlockingConsole;
import io.github.videoquery.file.FileWatch;
import io.github.videoquery.time.TimeSource;
import java.util.Optional;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.logging.logback.LogbackMetricsAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.logging.OpenTelemetryLoggingAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.DefaultLifecycleProcessor;

/** The service's main class. */
@SpringBootApplication(
    exclude = {
      DataRedisAutoConfiguration.class,
      DataRedisHealthContributorAutoConfiguration.class,
      DataRedisReactiveAutoConfiguration.class,
      DataRedisReactiveHealthContributorAutoConfiguration.class,
      DataRedisRepositoriesAutoConfiguration.class,
      ErrorMvcAutoConfiguration.class,
      LettuceObservationAutoConfiguration.class,
      LogbackMetricsAutoConfiguration.class,
      WebMvcObservationAutoConfiguration.class,
      OpenTelemetryLoggingAutoConfiguration.class,
      OpenTelemetrySdkAutoConfiguration.class,
      OpenTelemetryTracingAutoConfiguration.class,
      OtlpTracingAutoConfiguration.class
    },
    proxyBeanMethods = false)
@EnableConfigurationProperties(Drain.Settings.class)
public class VideoQueryGateway {
  public static void main(String[] args) {
    Optional<String> error = TemporaryFolder.error();
    if (error.isPresent()) {
      System.err.println(error.get());
      System.exit(1);
    }
    var application = new SpringApplication(VideoQueryGateway.class);
    application.addListeners(new WarmUp(), new NonBlockingConsole());
    application.run(args);
  }

  @Bean
  static FileWatch fileWatch() {
    return new FileWatch().started();
  }

  @Bean
  static Drain drain(
      Drain.Settings settings,
      LifecycleProperties lifecycle,
      DefaultLifecycleProcessor phases,
      TimeSource time) {
    return new Drain(settings.drainDelay(), lifecycle.getTimeoutPerShutdownPhase(), phases, time);
  }

  @Bean
  static TimeSource time() {
    return TimeSource.SYSTEM;
  }
}
