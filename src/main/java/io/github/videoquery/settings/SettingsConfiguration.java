package io.github.videoquery.settings;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** Wires the checks of settings before they are read. */
@Configuration(proxyBeanMethods = false)
class SettingsConfiguration {
  @Bean
  static SettingsCheck settingsCheck(ConfigurableEnvironment environment) {
    return new SettingsCheck(environment);
  }

  @Bean
  static ConfigurationPropertiesBindHandlerAdvisor requiredUnits(
      ConfigurableEnvironment environment) {
    return parent -> new RequiredUnits(parent, environment);
  }
}
