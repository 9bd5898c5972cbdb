package io.github.videoquery.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SettingsCheckTest {
  record Access(String clientsFile, RateLimit rateLimit, List<String> trustedProxies) {}

  record RateLimit(double perSecond, int burst) {}

  record Upstream(Secret apiKey, Duration callTimeout, List<Account> accounts) {}

  /** A setting, as it is read from a text. */
  public record Secret(String text) {}

  record Account(@Nullable String name, List<String> models) {}

  private static final SettingNames NAMES =
      new SettingNames(Map.of("gateway.access", Access.class, "gateway.upstream", Upstream.class));

  static Stream<String> settings() {
    return NAMES.all().stream();
  }

  @Test
  void settings_areThoseOfTheRecords() {
    assertThat(NAMES.all())
        .containsExactlyInAnyOrder(
            "gateway.access.clients-file",
            "gateway.access.rate-limit.per-second",
            "gateway.access.rate-limit.burst",
            "gateway.access.trusted-proxies",
            "gateway.access.trusted-proxies[0]",
            "gateway.upstream.api-key",
            "gateway.upstream.call-timeout",
            "gateway.upstream.accounts",
            "gateway.upstream.accounts[0].name",
            "gateway.upstream.accounts[0].models",
            "gateway.upstream.accounts[0].models[0]");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void setting_isAccepted_inEachFormThatSpringReads(String name) {
    assertThatCode(
            () -> {
              checkFile(name);
              checkFile(name.replace("[0]", "[12]"));
              checkFile(camelCase(name));
              checkFile(name.replace("-", "_"));
              checkVariable(SettingNames.variable(name));
              checkVariable(SettingNames.variable(name.replace("-", "").replace("[0]", "[7]")));
            })
        .doesNotThrowAnyException();
  }

  /** One letter more, less or other than in the last word. */
  @ParameterizedTest
  @MethodSource("settings")
  void oneWrongLetter_isRefused_withTheNameThatWasMeant(String name) {
    String element = name.endsWith("]") ? name.substring(name.indexOf('[', name.length() - 3)) : "";
    String word = name.substring(0, name.length() - element.length());
    for (String wrong :
        List.of(
            word + "x" + element,
            word.substring(0, word.length() - 1) + element,
            word.substring(0, word.length() - 1) + "q" + element)) {
      assertThatThrownBy(() -> checkFile(wrong))
          .isInstanceOf(InvalidConfigurationPropertyValueException.class)
          .hasMessageContaining(wrong)
          .extracting(refusal -> ((InvalidConfigurationPropertyValueException) refusal).getReason())
          .asString()
          .startsWith("Did you mean gateway.");
      assertThatThrownBy(() -> checkVariable(SettingNames.variable(wrong)))
          .hasMessageContaining(SettingNames.variable(wrong));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gateway.acess.clients-file, gateway.access.clients-file",
    "gateway.access.rate-limits.burst, gateway.access.rate-limit.burst",
    "gateway.access.client-file, gateway.access.clients-file",
    "gateway.upstream.accounts[3].model, gateway.upstream.accounts[0].models",
  })
  void misspeltName_isRefused_withTheNameThatWasMeant(String wrong, String meant) {
    assertThatThrownBy(() -> checkFile(wrong))
        .extracting(refusal -> ((InvalidConfigurationPropertyValueException) refusal).getReason())
        .asString()
        .contains("Did you mean " + meant + "?");
  }

  @Test
  void groupWithoutAValue_isAccepted() {
    assertThatCode(() -> check(Map.of("gateway.access.rate-limit", ""), Map.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void otherPrefix_isNotOurs() {
    assertThatCode(
            () -> check(Map.of("gatewayx.a", "1", "spring.acess", "1"), Map.of("GATEWAYX_A", "1")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GATEWAY_SERVICE_HOST",
        "GATEWAY_SERVICE_PORT",
        "GATEWAY_SERVICE_PORT_HTTP",
        "GATEWAY_PORT",
        "GATEWAY_PORT_8080_TCP",
        "GATEWAY_PORT_8080_TCP_PROTO",
        "GATEWAY_UPSTREAM_PORT",
        "GATEWAY_UPSTREAM_SERVICE_PORT_HTTP_METRICS",
        "GATEWAY_UPSTREAM_PORT_53_UDP_ADDR",
        "GATEWAY_ACCESS_SERVICE_HOST"
      })
  @ExtendWith(OutputCaptureExtension.class)
  void variableOfKubernetes_isNoSetting(String name, CapturedOutput output) {
    checkVariable(name);

    assertThat(output).doesNotContain(name);
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void otherVariables_areWarnedOf_inOneLine(CapturedOutput output) {
    check(Map.of(), Map.of("GATEWAY_OWNER", "team-a", "GATEWAY_COLOUR", "blue"));

    assertThat(output.getAll().lines())
        .singleElement()
        .asString()
        .contains("[GATEWAY_COLOUR, GATEWAY_OWNER]")
        .doesNotContain("blue");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GATWAY_ACCESS_CLIENTS_FILE",
        "GATEWAYACCESS_CLIENTS_FILE",
        "GATEWAY_ACCESSCLIENTSFILE",
        "GATEWAY_ACCESS_RATELIMIT_PER_SECOND"
      })
  void variableThatIsNearlyASetting_isRefused(String name) {
    assertThatThrownBy(() -> checkVariable(name))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gatewey.access.clients-file", "GATEWAY_ACCESS_CLIENTS_FILE"})
  void argumentThatIsNearlyASetting_isRefused(String name) {
    assertThatThrownBy(() -> checkFile(name))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class);
  }

  @Test
  void nothingIsSuggested_whereNothingIsLikely() {
    assertThatThrownBy(() -> checkFile("gateway.something.else.entirely"))
        .extracting(refusal -> ((InvalidConfigurationPropertyValueException) refusal).getReason())
        .asString()
        .contains("docs/configuration.md lists all settings.");
  }

  @Test
  void variableBelowAGroup_isRefused() {
    assertThatThrownBy(() -> checkVariable("GATEWAY_ACCESS_SOMETHING_ELSE"))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class);
  }

  private static void checkFile(String name) {
    check(Map.of(name, "1"), Map.of());
  }

  private static void checkVariable(String name) {
    check(Map.of(), Map.of(name, "1"));
  }

  private static void check(Map<String, Object> file, Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource("systemEnvironment", variables));
    environment.getPropertySources().addFirst(new MapPropertySource("file", file));
    new SettingsCheck(environment).check(NAMES);
  }

  private static String camelCase(String name) {
    var camel = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      camel.append(c == '-' ? Character.toUpperCase(name.charAt(++i)) : c);
    }
    return camel.toString();
  }
}
