package io.github.videoquery.query;

import io.github.videoquery.access.AccessHandler;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.support.HandlerServer;
import java.util.List;

/** All ways in which a query can be answered, in Jetty without Spring. */
final class QueryFixture {
  private QueryFixture() {}

  /** A server in memory. */
  static HandlerServer serve(
      CacheFixture fixture, AccessHandler access, WaitProperties properties, QueryMetrics metrics)
      throws Exception {
    return new HandlerServer(
        fixture.time, List.of(access, cacheHits(fixture, properties, metrics)));
  }

  static CacheHitHandler cacheHits(
      CacheFixture fixture, WaitProperties properties, QueryMetrics metrics) {
    var responder = new Responder(new ReplyRenderer(fixture.cache::gzip), metrics, fixture.memory);
    var subscribers = new Subscribers(properties, fixture.registry);
    var clock = new StreamScheduler(properties, fixture.feeds, fixture.time);
    var longPolls =
        new LongPollHandler(fixture.cache, fixture.feeds, responder, subscribers, fixture.time);
    var eventStreams =
        new EventStreamHandler(
            fixture.cache,
            fixture.feeds,
            fixture.forecast,
            responder,
            metrics,
            subscribers,
            fixture.memory,
            clock);
    var manyTasks =
        new ManyTasksHandler(
            fixture.feeds, fixture.forecast, metrics, subscribers, fixture.memory, clock);
    var reader =
        new QueryReader(List.of("model"), properties.max(), properties.maxTasksPerStream());
    return new CacheHitHandler(
        reader, fixture.cache, responder, longPolls, eventStreams, manyTasks);
  }
}
