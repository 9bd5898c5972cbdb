package io.github.videoquery.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.QuietException;
import org.junit.jupiter.api.Test;

class DisconnectTest {
  @Test
  void brokenOrSilentConnection_isNoDefect() {
    assertThat(Disconnect.isIn(new IOException())).isTrue();
    assertThat(Disconnect.isIn(new TimeoutException())).isTrue();
    assertThat(Disconnect.isIn(new QuietException.RuntimeException("x"))).isTrue();
    assertThat(Disconnect.isIn(wrapped(new IOException(), 9))).isTrue();
  }

  @Test
  void anythingElse_isADefect() {
    assertThat(Disconnect.isIn(new IllegalStateException())).isFalse();
    assertThat(Disconnect.isIn(wrapped(new IllegalStateException(), 20))).isFalse();
    assertThat(Disconnect.isIn(wrapped(new IOException(), 10))).as("too deep to look").isFalse();
  }

  private static Throwable wrapped(Throwable cause, int times) {
    return times == 0 ? cause : new RuntimeException(wrapped(cause, times - 1));
  }
}
