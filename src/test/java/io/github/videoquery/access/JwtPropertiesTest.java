package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

class JwtPropertiesTest {
  @ParameterizedTest
  @CsvSource({",", "'',", "' ',", "tasks, tasks"})
  void claimOfTasks_isOff_ifItHasNoName(@Nullable String tasksClaim, @Nullable String name) {
    var properties =
        new JwtProperties(
            null,
            null,
            null,
            null,
            List.of(),
            List.of(SignatureAlgorithm.RS256),
            Duration.ZERO,
            "sub",
            null,
            tasksClaim);

    assertThat(properties.taskClaim().name()).isEqualTo(name);
  }
}
