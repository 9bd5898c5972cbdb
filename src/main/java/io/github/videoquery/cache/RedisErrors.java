package io.github.videoquery.cache;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The errors of a node since the last success of each kind of operation. They make the node
 * unavailable in the eyes of operators; the breaker decides whether it is used.
 */
final class RedisErrors {
  /** So many about single keys, one after the other, mean that no key can be used. */
  private static final int IN_A_ROW = 10;

  private final Map<RedisOperation, Integer> inARow = new ConcurrentHashMap<>();

  /** Whether no kind of operation fails again and again. */
  boolean areFew() {
    return inARow.values().stream().allMatch(count -> count < IN_A_ROW);
  }

  void succeeded(RedisOperation operation) {
    inARow.remove(operation);
  }

  void failed(RedisOperation operation, RedisFault fault) {
    inARow.merge(operation, weight(operation, fault), Integer::sum);
  }

  /** A late answer to a read is left to the breaker; a write that was late shared nothing. */
  private static int weight(RedisOperation operation, RedisFault fault) {
    return switch (fault.kind()) {
      case KEY -> 1;
      case NODE, SLOT -> IN_A_ROW;
      case LATE, CONNECTION -> operation == RedisOperation.WRITE ? IN_A_ROW : 0;
    };
  }
}
