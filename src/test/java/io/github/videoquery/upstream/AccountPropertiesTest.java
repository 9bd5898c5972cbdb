package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** What an account may have, and what is said of what it may not. */
class AccountPropertiesTest {
  private static final String ADDRESS = "https://api.example.com";

  private static AccountProperties account(
      @Nullable String name,
      @Nullable String baseUrl,
      @Nullable String keyFile,
      @Nullable Double maxRate) {
    return new AccountProperties(
        name,
        baseUrl == null ? null : URI.create(baseUrl),
        null,
        keyFile == null ? null : Path.of(keyFile),
        List.of(),
        maxRate,
        null,
        null,
        null,
        null);
  }

  private static void assertRefused(AccountProperties wrong, String property, String remedy) {
    assertThatThrownBy(() -> wrong.check("accounts[1]."))
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            refusal -> {
              assertThat(refusal.getName()).endsWith("accounts[1]." + property);
              assertThat(refusal.getReason()).contains(remedy);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com/v1, https://api.example.com",
    "https://api.example.com/v1/, https://api.example.com",
    "https://api.example.com/proxy/v1/video/query, https://api.example.com/proxy",
    "https://api.example.com/v1/video/query?id=a, https://api.example.com",
    "https://api.example.com:8443//v1//video, https://api.example.com:8443",
  })
  void addressWithOurPath_isRefused_andTheRightOneIsShown(String given, String right) {
    assertRefused(
        account("b", given, "keys", null),
        "base-url",
        "Give the address without it: " + right + ".");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://x",
        "api.example.com",
        "https:///x",
        "https://user:secret@api.example.com",
        "/x"
      })
  void addressThatCannotBeAsked_isRefused_withoutItsUser(String address) {
    AccountProperties wrong = account("b", address, "keys", null);

    assertRefused(wrong, "base-url", "Give an address like https://api.example.com");
    assertThatThrownBy(() -> wrong.check("")).message().doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"B!", "", "a b", "a23456789012345678901234567890123"})
  void nameThatIsNone_isRefused(String name) {
    assertRefused(account(name, ADDRESS, "keys", null), "name", "Give a name of 1 to 32");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.009, 1_000_001, -1, Double.NaN})
  void rateOutOfBounds_isRefused(double rate) {
    assertRefused(account("b", ADDRESS, "keys", rate), "max-rate", "Give calls a second");
  }

  @Test
  void whatIsMissing_isToldWithItsVariable() {
    assertRefused(account("b", null, "keys", null), "base-url", "UPSTREAM_BASE_URL");
    assertRefused(account("b", ADDRESS, null, null), "api-key", "Set the provider's key");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 1, 1_000_000})
  void usableAccount_isAccepted(double rate) {
    AccountProperties usable = account("b-2", ADDRESS + "/proxy/", "keys", rate);

    assertThat(usable.check("")).isSameAs(usable);
    assertThat(usable.endpoint()).hasToString(ADDRESS + "/proxy/v1/video/query");
  }
}
