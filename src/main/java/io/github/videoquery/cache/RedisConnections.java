package io.github.videoquery.cache;

import io.github.videoquery.time.TimeSource;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Makes at most one connection a second. Lettuce connects again by itself when a connection breaks;
 * {@link #drop} is for one that is dead, or leads to a node with another role, without breaking.
 */
final class RedisConnections implements RedisConnectionFactory {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String SINGLE = "redis";

  private final LettuceConnectionFactory lettuce;
  private final TimeSource time;
  private final ReentrantLock connecting = new ReentrantLock();
  private @Nullable RedisConnectionFailureException failure;
  private volatile boolean hasConnected;
  private long nextAttempt;
  private long nextDrop;

  RedisConnections(LettuceConnectionFactory lettuce, TimeSource time) {
    this.lettuce = lettuce;
    this.time = time;
    this.nextAttempt = time.nanoTime();
    this.nextDrop = time.nanoTime();
  }

  /**
   * The connection that all operations share; made if there is none.
   *
   * @throws RedisConnectionFailureException if it cannot be made; the same again within a second
   */
  @Override
  public RedisConnection getConnection() {
    connecting.lock();
    try {
      if (failure != null && time.nanoTime() - nextAttempt < 0) {
        throw failure;
      }
      return connect();
    } finally {
      connecting.unlock();
    }
  }

  private RedisConnection connect() {
    try {
      RedisConnection connection = lettuce.getConnection();
      failure = null;
      hasConnected = true;
      return connection;
    } catch (RedisConnectionFailureException e) {
      failure = e;
      nextAttempt = time.nanoTime() + INTERVAL_NANOS;
      throw e;
    }
  }

  /** Closes the shared connection. A cluster's are left to Lettuce, which learns its topology. */
  void drop() {
    long now = time.nanoTime();
    connecting.lock();
    try {
      if (isCluster() || now - nextDrop < 0) {
        return;
      }
      nextDrop = now + INTERVAL_NANOS;
      lettuce.resetConnection();
    } finally {
      connecting.unlock();
    }
  }

  private boolean isCluster() {
    return lettuce.getNativeClient() instanceof RedisClusterClient;
  }

  /** The node that has this key; one name for all before the first connection. */
  String nodeOf(String key) {
    if (!hasConnected || !(lettuce.getNativeClient() instanceof RedisClusterClient cluster)) {
      return SINGLE; // Lettuce would look for the nodes now, and block
    }
    RedisClusterNode node = cluster.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
    return node == null ? SINGLE : node.getNodeId();
  }

  @Override
  public RedisClusterConnection getClusterConnection() {
    return lettuce.getClusterConnection();
  }

  @Override
  public RedisSentinelConnection getSentinelConnection() {
    return lettuce.getSentinelConnection();
  }

  @Override
  public boolean getConvertPipelineAndTxResults() {
    return lettuce.getConvertPipelineAndTxResults();
  }

  @Override
  public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException error) {
    return lettuce.translateExceptionIfPossible(error);
  }
}
