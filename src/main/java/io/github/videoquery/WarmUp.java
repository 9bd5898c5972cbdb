package io.github.videoquery;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Answers queries before the gateway starts, so that the JVM has compiled their code when the first
 * callers come. For that a second gateway runs in this JVM, on a port of 127.0.0.1 and with a
 * provider of its own. It is closed before the real one starts, and does not use that one's
 * settings, keys, provider, metrics, limits or logs.
 */
final class WarmUp implements ApplicationListener<SpringApplicationEvent>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final String SETTING = "gateway.server.warm-up";
  private static final Duration LONGEST = Duration.ofSeconds(3);

  private @Nullable RuntimeException failure;
  private volatile long answered;

  /** After the settings are read, and before logging starts. */
  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER - 1;
  }

  /** How many queries were answered. */
  long answered() {
    return answered;
  }

  @Override
  public void onApplicationEvent(SpringApplicationEvent event) {
    if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
      Duration length = length(prepared.getEnvironment());
      if (length.isPositive()) {
        run(length);
      }
    } else if (event instanceof ApplicationStartedEvent && failure != null) {
      log.warn("The warm-up failed, so the first queries take longer", failure);
    }
  }

  private static Duration length(ConfigurableEnvironment environment) {
    String text = environment.getProperty(SETTING, "1s");
    try {
      Duration length = DurationStyle.detectAndParse(text);
      if (!length.isNegative() && length.compareTo(LONGEST) <= 0) {
        return length;
      }
    } catch (IllegalArgumentException e) {
      // refused below
    }
    throw new InvalidConfigurationPropertyValueException(
        SETTING, text, "Give a time from 0s, which switches it off, to 3s.");
  }

  private void run(Duration length) {
    try (var queries = new WarmUpQueries();
        ConfigurableApplicationContext gateway = gateway(queries.providersPort())) {
      answered = queries.ask(gateway.getEnvironment().getProperty("local.server.port"), length);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private static ConfigurableApplicationContext gateway(int providersPort) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    environment
        .getPropertySources()
        .remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "warm-up",
                Map.of(
                    "spring.config.location",
                    "classpath:/application.yaml,classpath:/warm-up.yaml",
                    "gateway.upstream.base-url",
                    "http://127.0.0.1:" + providersPort)));
    var application = new SpringApplication(VideoQueryGateway.class);
    application.setEnvironment(environment);
    application.setRegisterShutdownHook(false);
    return application.run();
  }
}
