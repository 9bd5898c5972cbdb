package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayFixture;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class WarmUpTest {
  private final WarmUp warmUp = new WarmUp();

  private ConfigurableApplicationContext start(URI provider, String length) {
    var application = new SpringApplication(VideoQueryGateway.class);
    application.addListeners(warmUp);
    return application.run(GatewayFixture.arguments(provider, "gateway.server.warm-up=" + length));
  }

  @Test
  void queriesAreAnswered_andNeitherProviderNorMetricsNorLogTakePart(CapturedOutput output) {
    try (SimulatedProvider provider = SimulatedProvider.start();
        ConfigurableApplicationContext gateway = start(provider.baseUrl(), "3s")) {
      MeterRegistry registry = gateway.getBean(MeterRegistry.class);

      assertThat(warmUp.answered()).isPositive();
      assertThat(provider.calls()).isEmpty();
      assertThat(registry.find("http.server.requests").timers()).isEmpty();
      assertThat(registry.find("gateway.upstream.requests").timers()).isEmpty();
      assertThat(output.getAll())
          .containsOnlyOnce("Started Video Query Gateway")
          .doesNotContain("WARN")
          .doesNotContain("ERROR");
    }
  }

  @Test
  void warmUp_isLeftOut_ifItsTimeIsZero() {
    try (ConfigurableApplicationContext gateway = start(URI.create("http://127.0.0.1:9"), "0s")) {
      assertThat(gateway.isRunning()).isTrue();
      assertThat(warmUp.answered()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"4s", "-1s", "soon"})
  void warmUp_isRefused_ifItsTimeIsWrong(String length, CapturedOutput output) {
    assertThat(catchThrowable(() -> start(URI.create("http://127.0.0.1:9"), length))).isNotNull();
    assertThat(output.getAll())
        .contains(
            "APPLICATION FAILED TO START", "Give a time from 0s, which switches it off, to 3s.");
  }
}
