package io.github.videoquery.access;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** What the records of {@code gateway.access} have in common. */
final class AccessSettings {
  private AccessSettings() {}

  /** The failure of a start: which property is wrong, and a sentence that says what to set. */
  static InvalidConfigurationPropertyValueException invalid(
      String property, @Nullable Object value, String howToFix) {
    return new InvalidConfigurationPropertyValueException(
        "gateway.access." + property, value, howToFix);
  }
}
