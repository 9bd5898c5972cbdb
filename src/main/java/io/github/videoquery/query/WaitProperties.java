package io.github.videoquery.query;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Limits of long polls and event streams.
 *
 * @param max longest wait of a long poll; a longer {@code wait} is reduced to this; it should be
 *     shorter than the read timeout of each proxy in front
 * @param maxWaiters concurrent long polls and event streams; a stream counts once for each of its
 *     tasks
 * @param heartbeat how often an event stream gets a comment; a reader whose read timeout is shorter
 *     reconnects for ever (httpx: 5 s)
 * @param maxStreamAge longest time that an event stream is open; then its client connects again
 * @param maxWaitersPerClient the same for one client; not used in mode {@code none}
 * @param maxTasksPerStream most tasks that one event stream is about
 */
@ConfigurationProperties("gateway.wait")
record WaitProperties(
    @DefaultValue("45s") Duration max,
    @DefaultValue("8s") Duration heartbeat,
    @DefaultValue("1h") Duration maxStreamAge,
    @DefaultValue("20000") int maxWaiters,
    @DefaultValue("2000") int maxWaitersPerClient,
    @DefaultValue("50") int maxTasksPerStream) {

  private static final Duration SHORTEST_WAIT = Duration.ofMillis(100);
  private static final Duration SHORTEST_HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration SHORTEST_STREAM_AGE = Duration.ofSeconds(10);

  /** The ids and the event id, which grows with them, have to fit into a request's head. */
  private static final int MOST_TASKS = 200;

  WaitProperties {
    require(max.compareTo(SHORTEST_WAIT) >= 0, "max", max, "Give at least 100ms, for example 45s.");
    require(
        heartbeat.compareTo(SHORTEST_HEARTBEAT) >= 0,
        "heartbeat",
        heartbeat,
        "Give a time of at least 1s, for example 8s.");
    require(
        maxStreamAge.compareTo(SHORTEST_STREAM_AGE) >= 0,
        "max-stream-age",
        maxStreamAge,
        "Give a time of at least 10s, for example 1h.");
    require(maxWaiters >= 0, "max-waiters", maxWaiters, "Give a number; 0 lets nobody wait.");
    require(
        maxWaitersPerClient >= 0,
        "max-waiters-per-client",
        maxWaitersPerClient,
        "Give a number; 0 lets nobody wait.");
    require(
        maxTasksPerStream >= 1 && maxTasksPerStream <= MOST_TASKS,
        "max-tasks-per-stream",
        maxTasksPerStream,
        "Give a number from 1 to " + MOST_TASKS + ", for example 50.");
  }

  private static void require(boolean valid, String name, Object value, String howToFix) {
    if (!valid) {
      throw new InvalidConfigurationPropertyValueException("gateway.wait." + name, value, howToFix);
    }
  }
}
