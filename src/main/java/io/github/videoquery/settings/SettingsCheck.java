package io.github.videoquery.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses names below {@code gateway.} that are no settings: a misspelt limit would otherwise be
 * none. A variable of the environment is refused if it is nearly a setting or below a group of
 * them; others that begin with {@code GATEWAY_} are warned of, because Kubernetes puts variables
 * for each Service into the environment.
 */
final class SettingsCheck implements BeanFactoryPostProcessor {
  private static final Logger log = LoggerFactory.getLogger(SettingsCheck.class);
  private static final ConfigurationPropertyName GATEWAY = ConfigurationPropertyName.of("gateway");

  /** What Kubernetes sets for a Service whose name begins with {@code gateway}. */
  private static final Pattern SERVICE =
      Pattern.compile(
          "GATEWAY(_\\w+)?_(SERVICE_HOST|SERVICE_PORT(_\\w+)?"
              + "|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  private final ConfigurableEnvironment environment;

  SettingsCheck(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  /** Boot names the beans of its settings by their prefix. */
  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    Map<String, Class<?>> records = new HashMap<>();
    for (String bean : beans.getBeanDefinitionNames()) {
      Class<?> type = bean.startsWith(GATEWAY + ".") ? beans.getType(bean) : null;
      if (type != null && type.isRecord()) {
        records.put(type.getAnnotation(ConfigurationProperties.class).value(), type);
      }
    }
    check(new SettingNames(records));
  }

  /**
   * @throws InvalidConfigurationPropertyValueException with the name that was likely meant
   */
  void check(SettingNames names) {
    for (ConfigurationPropertySource source :
        ConfigurationPropertySources.from(environment.getPropertySources())) {
      if (source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource variables) {
        checkVariables(List.of(variables.getPropertyNames()), names);
      } else if (source instanceof IterableConfigurationPropertySource iterable) {
        iterable.stream()
            .filter(name -> GATEWAY.isAncestorOf(name) || names.isNearly(name.toString()))
            .filter(name -> !names.isSetting(name))
            .filter(
                name -> !(names.isGroup(name) && isEmpty(source.getConfigurationProperty(name))))
            .findFirst()
            .ifPresent(
                name -> {
                  throw refusal(
                      name.toString(),
                      names.nearest(name.toString()),
                      names,
                      Origin.from(source.getConfigurationProperty(name)));
                });
      }
    }
  }

  private static boolean isEmpty(@Nullable ConfigurationProperty property) {
    return property == null || property.getValue().toString().isEmpty();
  }

  private static void checkVariables(List<String> variables, SettingNames names) {
    List<String> unknown =
        variables.stream()
            .filter(name -> isOurs(SettingNames.variable(name), names))
            .filter(name -> !names.isVariable(SettingNames.variable(name)))
            .filter(name -> !SERVICE.matcher(SettingNames.variable(name)).matches())
            .sorted()
            .toList();
    for (String name : unknown) {
      if (names.isMeantAsSetting(SettingNames.variable(name))) {
        throw refusal(name, SettingNames.variable(names.nearest(name)), names, null);
      }
    }
    if (!unknown.isEmpty()) {
      log.warn("The environment holds variables that are no settings of the gateway: {}", unknown);
    }
  }

  private static boolean isOurs(String variable, SettingNames names) {
    return variable.startsWith("GATEWAY_") || names.isNearly(variable);
  }

  private static InvalidConfigurationPropertyValueException refusal(
      String name, String nearest, SettingNames names, @Nullable Origin origin) {
    String advice =
        names.isSimilar(name, nearest)
            ? "Did you mean " + nearest + "?"
            : "docs/configuration.md lists all settings.";
    return new InvalidConfigurationPropertyValueException(
        name,
        "no setting has this name",
        advice + (origin == null ? "" : " It is set in " + origin + "."));
  }
}
