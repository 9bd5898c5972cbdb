package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.videoquery.support.FakeTime;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

class RedisConnectionsTest {
  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final LettuceConnectionFactory lettuce = mock();
  private final RedisConnections connections = new RedisConnections(lettuce, time);

  @Test
  void attempt_isMadeOnceASecond_afterOneFailed() {
    var refused = new RedisConnectionFailureException("refused");
    when(lettuce.getConnection()).thenThrow(refused);
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(connections::getConnection).as("with its cause").isSameAs(refused);
    }
    verify(lettuce, times(1)).getConnection();

    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(connections::getConnection).isSameAs(refused);
    verify(lettuce, times(2)).getConnection();
  }

  @Test
  void connection_isGivenEachTime_whileThereIsOne() {
    RedisConnection connection = mock();
    when(lettuce.getConnection()).thenReturn(connection);

    assertThat(connections.getConnection()).isSameAs(connection);
    assertThat(connections.getConnection()).isSameAs(connection);
  }

  @Test
  void connection_isDropped_onceASecond() {
    connections.drop(time.nanoTime());
    connections.drop(time.nanoTime());
    verify(lettuce, times(1)).resetConnection();

    time.advance(Duration.ofSeconds(1));
    connections.drop(time.nanoTime());
    verify(lettuce, times(2)).resetConnection();
  }

  /** The operation was late because it had to wait for it. */
  @Test
  void connectionThatWasMadeMeanwhile_isKept() {
    connections.drop(time.nanoTime());
    time.advance(Duration.ofSeconds(2));
    long began = time.nanoTime();
    time.advance(Duration.ofMillis(100));
    connections.getConnection();

    connections.drop(began);
    verify(lettuce, times(1)).resetConnection();
    time.advance(Duration.ofSeconds(2));
    connections.drop(time.nanoTime());
    verify(lettuce, times(2)).resetConnection();
  }

  @Test
  void connectionsOfACluster_areDropped_onceInTenSeconds() {
    RedisClusterClient cluster = mock();
    when(lettuce.getNativeClient()).thenReturn(cluster);
    connections.drop(time.nanoTime());
    time.advance(Duration.ofSeconds(9));
    connections.drop(time.nanoTime());
    verify(lettuce, times(1)).resetConnection();

    time.advance(Duration.ofSeconds(1));
    connections.drop(time.nanoTime());
    verify(lettuce, times(2)).resetConnection();
  }

  @Test
  void singleServer_isOneNode() {
    connections.getConnection();

    assertThat(connections.nodeOf("a")).isEqualTo(connections.nodeOf("b"));
  }

  /** A query is not held up, and does not fail, because a cluster cannot be reached. */
  @Test
  void nodesOfACluster_areNotLookedFor_beforeTheFirstConnection() {
    RedisClusterClient cluster = mock();
    when(lettuce.getNativeClient()).thenReturn(cluster);
    when(cluster.getPartitions()).thenThrow(new RedisException("none"));
    when(lettuce.getConnection()).thenThrow(new RedisConnectionFailureException("refused"));
    assertThatThrownBy(connections::getConnection).isInstanceOf(RuntimeException.class);

    assertThat(connections.nodeOf("a")).isEqualTo("redis");
  }

  @Test
  void nodeOfACluster_isThatOfTheSlot() {
    RedisClusterClient cluster = mock();
    var one = RedisClusterNode.of("one");
    one.setSlots(List.of(SlotHash.getSlot("a")));
    var partitions = new Partitions();
    partitions.add(one);
    partitions.updateCache();
    when(lettuce.getNativeClient()).thenReturn(cluster);
    when(cluster.getPartitions()).thenReturn(partitions);
    connections.getConnection();

    assertThat(connections.nodeOf("a")).isEqualTo("one");
    assertThat(connections.nodeOf("b")).as("no node serves its slot").isEqualTo("redis");
  }
}
