package io.github.videoquery;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Reports a missing or invalid property at start-up: which one, and what to set. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnusableSettingAnalyzer
    extends AbstractFailureAnalyzer<InvalidConfigurationPropertyValueException> {

  @Override
  protected FailureAnalysis analyze(
      Throwable root, InvalidConfigurationPropertyValueException cause) {
    String state =
        cause.getValue() == null ? " is not set." : " cannot be used: " + cause.getValue();
    return new FailureAnalysis(cause.getName() + state, cause.getReason(), cause);
  }
}
