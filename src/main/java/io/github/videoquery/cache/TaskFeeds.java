package io.github.videoquery.cache;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The feeds: one for each task with subscribers. The first subscriber starts it, and the last one
 * ends it; after a failure it ends when its next refresh is due, so that a caller that retries soon
 * does not cause more calls to a failing provider.
 */
public final class TaskFeeds implements SmartLifecycle {
  private static final int STOPS_IN_PHASE = Integer.MAX_VALUE - 512;

  private final ConcurrentMap<TaskQuery, TaskFeed> feeds = new ConcurrentHashMap<>();
  private final FeedCalls calls;
  private final TaskMetrics metrics;
  private final TimeSource time;
  private volatile boolean running;

  TaskFeeds(TaskCache cache, TaskMetrics metrics, MeterRegistry registry, TimeSource time) {
    this.calls = cache.feedCalls();
    this.metrics = metrics;
    this.time = time;
    Gauge.builder("gateway.feeds", feeds, ConcurrentMap::size)
        .description("Tasks that are refreshed for long polls and event streams")
        .register(registry);
    Gauge.builder(
            "gateway.feed.subscribers",
            feeds,
            all -> all.values().stream().mapToInt(TaskFeed::subscribers).sum())
        .description("Long polls and event streams subscribed to a feed")
        .register(registry);
  }

  /**
   * Adds a subscriber to the task's feed: the calling thread, unless {@link Subscription#onUpdate}
   * is called.
   */
  public Subscription subscribe(TaskQuery query) {
    var subscription = new AtomicReference<@Nullable Subscription>();
    feeds.compute(
        query,
        (key, running) -> {
          TaskFeed feed =
              running != null ? running : new TaskFeed(query, calls, metrics, time, this);
          subscription.set(feed.subscribe());
          if (running == null) {
            feed.start();
          }
          return feed;
        });
    return Objects.requireNonNull(subscription.get());
  }

  /** Refreshes the task at once, if it has a feed: its entry was evicted. */
  void refreshNow(TaskQuery query) {
    TaskFeed feed = feeds.get(query);
    if (feed != null) {
      feed.refreshNow();
    }
  }

  /** The same for all feeds of these queries. */
  void refreshNow(Predicate<TaskQuery> queries) {
    feeds.forEach(
        (query, feed) -> {
          if (queries.test(query)) {
            feed.refreshNow();
          }
        });
  }

  /** Whether the feed is to go on; if not, it is no longer one of the feeds. */
  boolean goesOn(TaskFeed feed) {
    TaskFeed kept =
        feeds.computeIfPresent(
            feed.query(), (query, current) -> running && feed.hasSubscribers() ? feed : null);
    return kept != null;
  }

  /** Removes a feed that ended with a defect. */
  void remove(TaskFeed feed) {
    feeds.remove(feed.query(), feed);
  }

  /** Whether the service stops: no subscriber should wait any longer. */
  public boolean isStopping() {
    return !running;
  }

  @Override
  public void start() {
    running = true;
  }

  /**
   * Before the server stops, which waits for every exchange to end, and after the time in which
   * requests are still served.
   */
  @Override
  public int getPhase() {
    return STOPS_IN_PHASE;
  }

  @Override
  public void stop() {
    running = false;
    feeds
        .values()
        .forEach(
            feed -> {
              feed.wakeSubscribers();
              feed.refreshNow();
            });
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
