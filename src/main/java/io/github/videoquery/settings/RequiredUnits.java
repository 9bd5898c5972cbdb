package io.github.videoquery.settings;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.PropertyResolver;
import org.springframework.util.unit.DataSize;

/**
 * Refuses times and sizes of the gateway without a unit. Spring takes a plain number as
 * milliseconds or bytes, which is never what {@code wait.max=60} means.
 */
final class RequiredUnits extends AbstractBindHandler {
  private static final ConfigurationPropertyName GATEWAY = ConfigurationPropertyName.of("gateway");
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+");
  private static final Pattern ZERO = Pattern.compile("[+-]?0+");
  private static final Map<Class<?>, String> FORMS =
      Map.of(
          Duration.class, "Give a whole number and a unit: 500ms, 30s, 5m or 12h.",
          DataSize.class, "Give a whole number and a unit: 64KB or 8MB.");
  private static final Map<Class<?>, String> EXAMPLE_UNITS =
      Map.of(Duration.class, "s", DataSize.class, "MB");

  private final PropertyResolver placeholders;

  RequiredUnits(BindHandler parent, PropertyResolver placeholders) {
    super(parent);
    this.placeholders = placeholders;
  }

  @Override
  public @Nullable Object onFailure(
      ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error)
      throws Exception {
    String form = FORMS.get(target.getType().resolve(Object.class));
    ConfigurationProperty property = context.getConfigurationProperty();
    if (form != null
        && property != null
        && GATEWAY.isAncestorOf(name)
        && !(error instanceof InvalidConfigurationPropertyValueException)) {
      throw new InvalidConfigurationPropertyValueException(
          name.toString(), property.getValue(), form);
    }
    return super.onFailure(name, target, context, error);
  }

  @Override
  public @Nullable Object onSuccess(
      ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
    String unit = EXAMPLE_UNITS.get(target.getType().resolve(Object.class));
    ConfigurationProperty property = context.getConfigurationProperty();
    if (unit != null && property != null && GATEWAY.isAncestorOf(name)) {
      String value = placeholders.resolvePlaceholders(property.getValue().toString());
      if (NUMBER.matcher(value).matches() && !ZERO.matcher(value).matches()) {
        throw new InvalidConfigurationPropertyValueException(
            name.toString(), value, "Give it with its unit, for example " + value + unit + ".");
      }
    }
    return super.onSuccess(name, target, context, result);
  }
}
