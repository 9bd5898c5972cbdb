package io.github.videoquery.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
  private static final String LONGEST =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX.-_Z";

  @ParameterizedTest
  @ValueSource(strings = {"a", "A-1_b.Z", LONGEST})
  void idOfTheCaller_isKept(String id) {
    assertThat(RequestId.orNew(id)).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", LONGEST + "x", "a b", "ä", "a/b", "a\n", "a@", "a[", "`", "{", "/", ":"})
  void idThatIsNone_isReplaced(String id) {
    assertThat(RequestId.orNew(id)).isNotEqualTo(id).matches("[0-9a-f]{32}");
  }

  @Test
  void newIds_differ() {
    assertThat(RequestId.orNew(null)).isNotEqualTo(RequestId.orNew(null));
  }

  @Test
  void idOfAResponse_isGivenOnce() {
    HttpFields.Mutable response = HttpFields.build();
    String given = RequestId.of(response);

    assertThat(RequestId.of(response)).isEqualTo(given);
    assertThat(response.get("X-Request-Id")).isEqualTo(given);
  }
}
