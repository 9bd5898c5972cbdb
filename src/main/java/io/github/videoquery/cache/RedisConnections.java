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
  private static final long CLUSTER_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String SINGLE = "redis";

  private final LettuceConnectionFactory lettuce;
  private final TimeSource time;
  private final ReentrantLock connecting = new ReentrantLock();
  private @Nullable RedisConnectionFailureException failure;
  private volatile boolean hasConnected;
  private long nextAttempt;
  private long nextDrop;
  private long connectedAt;
  private boolean isDropped;

  RedisConnections(LettuceConnectionFactory lettuce, TimeSource time) {
    this.lettuce = lettuce;
    this.time = time;
    this.nextAttempt = time.nanoTime();
    this.nextDrop = time.nanoTime();
    this.connectedAt = time.nanoTime();
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
      connectedAt = isDropped ? time.nanoTime() : connectedAt;
      isDropped = false;
      return connection;
    } catch (RedisConnectionFailureException e) {
      failure = e;
      nextAttempt = time.nanoTime() + INTERVAL_NANOS;
      throw e;
    }
  }

  /**
   * Closes the shared connection; those of a cluster, which has several, more seldom.
   *
   * @param began when the operation began that found it dead; a younger connection is kept
   */
  void drop(long began) {
    connecting.lock();
    try {
      long now = time.nanoTime();
      if (now - nextDrop < 0 || connectedAt - began > 0) {
        return;
      }
      nextDrop = now + (isCluster() ? CLUSTER_INTERVAL_NANOS : INTERVAL_NANOS);
      lettuce.resetConnection();
      isDropped = true;
    } finally {
      connecting.unlock();
    }
  }

  private boolean isCluster() {
    return lettuce.getNativeClient() instanceof RedisClusterClient;
  }

  /** The node that has this key; one name for all before the first connection. */
  String nodeOf(String key) {
    if (!hasConnected) {
      return SINGLE; // Lettuce would look for the nodes now, and block
    }
    try {
      if (lettuce.getNativeClient() instanceof RedisClusterClient cluster) {
        RedisClusterNode node = cluster.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
        return node == null ? SINGLE : node.getNodeId();
      }
    } catch (IllegalStateException stopping) {
      // the operation itself will fail
    }
    return SINGLE;
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
