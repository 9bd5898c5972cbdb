package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.env.MockEnvironment;

@ExtendWith(OutputCaptureExtension.class)
class UnusedProxyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "https.proxyHost"})
  void proxyOfOthers_isWarnedOf_withoutItsPassword(String name, CapturedOutput log) {
    var environment = new MockEnvironment().withProperty(name, "http://user:secret@proxy:3128");

    UnusedProxy.warnOf(environment, List.of(account("http://ours:3128"), account(null)));

    assertThat(log.getAll().lines()).hasSize(1);
    assertThat(log).containsIgnoringCase(name + " is set, but the gateway does not use it");
    assertThat(log).contains("gateway.upstream.proxy").doesNotContain("secret");
  }

  @Test
  void nothingIsSaid_whereEachAccountHasAProxy_orNoneIsSet(CapturedOutput log) {
    var environment = new MockEnvironment().withProperty("HTTPS_PROXY", "http://proxy:3128");

    UnusedProxy.warnOf(environment, List.of(account("http://ours:3128"), account("none")));
    UnusedProxy.warnOf(new MockEnvironment(), List.of(account(null)));

    assertThat(log.getAll()).isEmpty();
  }

  private static AccountProperties account(@Nullable String proxy) {
    return new AccountProperties(
        "a",
        URI.create("http://provider"),
        new ApiKey("sk-1"),
        null,
        List.of(),
        null,
        proxy,
        null,
        null,
        null);
  }
}
