package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.RedisFault.Kind;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.RedisSystemException;

class RedisFaultTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "READONLY You can't write against a read only replica.|NODE|is a read-only replica",
        "LOADING Redis is loading the dataset in memory|NODE|is loading its data",
        "MASTERDOWN Link with MASTER is down|NODE|is a replica without its primary",
        "NOPERM User gateway has no permissions to run the 'set' command|NODE|does not permit",
        "NOAUTH Authentication required.|NODE|asks for a password",
        "WRONGPASS invalid username-password pair|NODE|refuses the user or the password",
        "OOM command not allowed when used memory > 'maxmemory'.|NODE|is full",
        "MISCONF Redis is configured to save RDB snapshots|NODE|cannot save its data",
        "WRONGTYPE Operation against a key holding the wrong kind|KEY|a value of another program",
        "CLUSTERDOWN Hash slot not served|SLOT|has slots of its cluster that no node serves",
        "ERR Error running script (call to f_1): @user_script:1: -READONLY You"
            + " can't|NODE|read-only",
        "MOVED 866 10.0.0.1:6379|KEY|moves a slot",
        "ERR unknown command 'secret'|NODE|answers with the error ERR",
        "secret|NODE|answers with the error SECRET",
      })
  void errorReply_isNamed_withoutItsText(String reply, Kind kind, String cause) {
    RedisFault fault =
        RedisFault.of(
            new ExecutionException(
                new RedisSystemException("Redis", new RedisCommandExecutionException(reply))));

    assertThat(fault.kind()).isEqualTo(kind);
    assertThat(fault.cause()).contains(cause).doesNotContain("'secret'").doesNotContain("gateway'");
  }

  static Stream<Arguments> troubles() {
    return Stream.of(
        Arguments.of(new TimeoutException(), Kind.LATE, "answers too late"),
        Arguments.of(new RedisCommandTimeoutException(), Kind.LATE, "answers too late"),
        Arguments.of(new ConnectException("refused"), Kind.CONNECTION, "cannot be connected to"),
        Arguments.of(new UnknownHostException("redis"), Kind.CONNECTION, "without an address"),
        Arguments.of(
            new UnknownHostException("redis").initCause(new RuntimeException("NXDOMAIN")),
            Kind.CONNECTION,
            "without an address"),
        Arguments.of(new SSLHandshakeException("no"), Kind.CONNECTION, "fails at TLS"),
        Arguments.of(new RedisConnectionException("closed"), Kind.CONNECTION, "has broken"),
        Arguments.of(
            new RedisCommandExecutionException("WRONGPASS invalid"), Kind.CONNECTION, "password"));
  }

  @ParameterizedTest
  @MethodSource("troubles")
  void causeThatSaysSomething_isNamed(Throwable innermost, Kind kind, String cause) {
    RedisFault fault =
        RedisFault.of(
            new RedisConnectionFailureException(
                "Unable to connect to redis://:secret@redis",
                new RedisConnectionException("Unable to connect", innermost)));

    assertThat(fault.kind()).isEqualTo(kind);
    assertThat(fault.cause()).contains(cause).doesNotContain("secret");
  }
}
