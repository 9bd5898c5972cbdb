package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.cache.RedisFault.Kind;
import io.github.videoquery.cache.RedisHealth.Node;
import io.github.videoquery.support.FakeTime;
import io.lettuce.core.RedisCommandExecutionException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RedisHealthTest {
  private static final RedisFault REFUSED =
      new RedisFault(Kind.CONNECTION, "cannot be connected to: check it");

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private int reconnects;
  private final RedisHealth health = new RedisHealth(began -> reconnects++, registry, time);
  private final Node node = health.node("a");

  private double available() {
    return registry.get("gateway.redis.available").gauge().value();
  }

  private static RedisFault reply(String text) {
    return RedisFault.of(new RedisCommandExecutionException(text));
  }

  private void fail(Node of, RedisFault fault, int times) {
    for (int i = 0; i < times; i++) {
      of.failed(1, fault, new Exception("x"), RedisOperation.READ);
    }
  }

  @Test
  void node_isNotUsed_afterTenFailures_andOthersAre(CapturedOutput log) {
    fail(node, REFUSED, 9);
    assertThat(node.tryAcquire()).isTrue();
    fail(node, REFUSED, 1);

    assertThat(node.tryAcquire()).isFalse();
    assertThat(health.node("b").tryAcquire()).isTrue();
    assertThat(available()).isZero();
    assertThat(log)
        .containsOnlyOnce("Redis cannot be connected to: check it; the gateway goes on without it");
  }

  /** Late answers make us drop the connection, and the operations under way fail of that. */
  @Test
  void firstCause_isToldOfASeries_unlessItSaysNothing(CapturedOutput log) {
    fail(node, RedisFault.LATE, 1);
    fail(node, RedisFault.BROKEN, 9);
    assertThat(log).contains("Redis answers too late;");

    Node other = health.node("b");
    fail(other, RedisFault.BROKEN, 3);
    fail(other, REFUSED, 7);
    assertThat(log).contains("Redis cannot be connected to");
  }

  /** After a failover another node has its keys. */
  @Test
  void nodeThatNobodyAsks_doesNotCount() {
    fail(node, REFUSED, 10);
    assertThat(available()).isZero();

    time.advance(Duration.ofSeconds(29));
    health.node("b").tryAcquire();
    assertThat(available()).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(available()).isEqualTo(1);
  }

  @Test
  void twoOperationsTry_after3Seconds() {
    fail(node, REFUSED, 10);
    time.advance(Duration.ofSeconds(3));
    assertThat(node.tryAcquire()).isFalse();

    time.advance(Duration.ofMillis(1));

    assertThat(node.tryAcquire()).isTrue();
    assertThat(node.tryAcquire()).isTrue();
    assertThat(node.tryAcquire()).as("a third").isFalse();
  }

  /** A stall now and then is no reason to make twice the calls. */
  @Test
  void node_isUsed_whileLessThanHalfIsLate() {
    for (int i = 0; i < 50; i++) {
      node.succeeded(1, RedisOperation.READ);
      fail(node, RedisFault.LATE, i % 3 == 0 ? 1 : 0);
    }

    assertThat(node.tryAcquire()).isTrue();
    assertThat(available()).isEqualTo(1);
  }

  @Test
  void errorReplies_areNoReasonToLeaveRedisAlone_andEachIsToldOnceInTenMinutes(CapturedOutput log) {
    for (int i = 0; i < 30; i++) {
      fail(node, reply("WRONGTYPE x"), 1);
      fail(node, reply("CLUSTERDOWN x"), 1);
    }
    assertThat(node.tryAcquire()).isTrue();
    assertThat(log).containsOnlyOnce("WRONGTYPE").containsOnlyOnce("CLUSTERDOWN");

    time.advance(Duration.ofMinutes(10));
    fail(node, reply("WRONGTYPE x"), 2);
    assertThat(log.getAll().lines().filter(line -> line.contains("WRONGTYPE"))).hasSize(2);
  }

  /** Sharing is off, though Redis answers. */
  @Test
  void redisThatCannotBeWritten_isNotAvailable_untilAWriteSucceeds() {
    node.failed(1, reply("NOPERM x"), new Exception("x"), RedisOperation.WRITE);
    assertThat(available()).isZero();
    node.succeeded(1, RedisOperation.READ);
    assertThat(available()).as("a read proves nothing").isZero();
    node.succeeded(1, RedisOperation.WRITE);
    assertThat(available()).isEqualTo(1);

    node.failed(1, reply("WRONGTYPE x"), new Exception("x"), RedisOperation.WRITE);
    assertThat(available()).as("one key").isEqualTo(1);
  }

  /** Each of these ends sharing, though Redis answers and leases can be written. */
  @ParameterizedTest
  @ValueSource(strings = {"NOPERM x", "CLUSTERDOWN x", "NOAUTH x", "LOADING x"})
  void redisThatCannotBeRead_isNotAvailable_untilAReadSucceeds(String error) {
    fail(node, reply(error), 1);
    node.succeeded(1, RedisOperation.WRITE);
    assertThat(available()).isZero();
    node.succeeded(1, RedisOperation.READ);
    assertThat(available()).isEqualTo(1);

    node.failed(1, reply(error), new Exception("x"), RedisOperation.ANNOUNCEMENTS);
    node.succeeded(1, RedisOperation.READ);
    assertThat(available()).as("the forgotten tasks cannot be read").isZero();
  }

  @Test
  void redisInWhichAnotherProgramHasAllKeys_isNotAvailable() {
    fail(node, reply("WRONGTYPE x"), 9);
    assertThat(available()).isEqualTo(1);
    fail(node, reply("WRONGTYPE x"), 1);
    assertThat(available()).isZero();
    node.succeeded(1, RedisOperation.READ);
    assertThat(available()).isEqualTo(1);
  }

  @Test
  void deadConnection_isDropped_afterASecondWithoutAnAnswer() {
    fail(node, RedisFault.LATE, 3);
    time.advance(Duration.ofSeconds(1).minusNanos(1));
    fail(node, RedisFault.LATE, 1);
    assertThat(reconnects).isZero();

    time.advance(Duration.ofNanos(1));
    fail(node, RedisFault.LATE, 1);
    assertThat(reconnects).isEqualTo(1);

    node.succeeded(1, RedisOperation.READ);
    fail(node, RedisFault.LATE, 1);
    assertThat(reconnects).isEqualTo(1);
  }

  @Test
  void connectionToAReplica_isDropped_andOneThatHealsIsNot() {
    fail(node, reply("LOADING x"), 1);
    fail(node, reply("MASTERDOWN x"), 1);
    fail(node, reply("OOM x"), 1);
    assertThat(reconnects).isZero();

    fail(node, reply("READONLY x"), 1);
    assertThat(reconnects).isEqualTo(1);
  }
}
