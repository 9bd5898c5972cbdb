package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.cache.Subscription.Update;
import io.github.videoquery.query.EventStreamLoop.Watched;
import io.github.videoquery.support.FakeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamLoopTest {
  private static final Duration HEARTBEAT = Duration.ofSeconds(8);

  private final CacheFixture fixture = new CacheFixture(Duration.ofMinutes(1));
  private final FakeResponse response = new FakeResponse();
  private static final WaitProperties PROPERTIES =
      new WaitProperties(Duration.ofSeconds(45), HEARTBEAT, Duration.ofMinutes(10), 2, 2, 50);

  private final Client client = new Client("team-a", null, null);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    fixture.feeds.stop();
    threads.close();
  }

  private Future<?> stream() {
    return threads.submit(
        () -> {
          try (Subscription subscription = fixture.feeds.subscribe(QUERY)) {
            Update first =
                Objects.requireNonNull(
                    subscription.next(fixture.time.nanoTime() + Duration.ofDays(1).toNanos()));
            var events = new EventStream(response.response());
            var task =
                new TaskEventStream(
                    QUERY,
                    Told.NOTHING,
                    fixture.forecast,
                    fixture.memory,
                    new SoleTaskEvents(events));
            events.begin();
            if (!task.tell(first.answer())) {
              List<Watched> tasks = new ArrayList<>(List.of(new Watched(task, subscription)));
              new EventStreamLoop(fixture.feeds, events, PROPERTIES, fixture.time)
                  .run(tasks, client);
            }
          }
          return null;
        });
  }

  @Test
  void stream_ends_withTheTask() throws Exception {
    fixture.provider.reply(UNFINISHED);
    Future<?> stream = stream();
    fixture.time.awaitParked(2);
    assertThat(response.take()).startsWith(":\nevent: status").doesNotContain("end");
    fixture.provider.reply(FINISHED);
    fixture.time.advance(Duration.ofSeconds(67));

    stream.get(10, TimeUnit.SECONDS);
    assertThat(response.take()).contains("data: finished", "event: end");
  }

  @Test
  void heartbeat_comesEachInterval_whenThereIsNothingToTell() throws Exception {
    fixture.provider.reply(UNFINISHED);
    Future<?> stream = stream();
    fixture.time.awaitParked(2);
    response.take();
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      fixture.time.advance(HEARTBEAT.minusMillis(1));
      fixture.time.awaitParked(2);
      told.add(response.take());
      fixture.time.advance(Duration.ofMillis(1));
      fixture.time.awaitParked(2);
      told.add(response.take());
    }

    assertThat(told).containsExactly("", ":\n", "", ":\n", "", ":\n");
    fixture.feeds.stop();
    stream.get(10, TimeUnit.SECONDS);
  }

  /** Behind some proxies nobody hears that the client has left. */
  @Test
  void stream_ends_whenItIsTooOld_andSaysWhenToConnectAgain() throws Exception {
    fixture.provider.reply(UNFINISHED);
    Future<?> stream = stream();
    for (Duration age = Duration.ZERO;
        age.compareTo(PROPERTIES.maxStreamAge().multipliedBy(9).dividedBy(10).minus(HEARTBEAT))
            <= 0;
        age = age.plus(HEARTBEAT)) {
      fixture.time.awaitParked(2);
      assertThat(stream.isDone()).isFalse();
      fixture.time.advance(HEARTBEAT);
    }

    fixture.time.awaitParked(2);
    fixture.time.advance(PROPERTIES.maxStreamAge().dividedBy(5));
    stream.get(10, TimeUnit.SECONDS);
    assertThat(response.take()).containsPattern("retry: \\d+\n$").doesNotContain("event: end");
  }

  /** So that not all of them connect to the next replica in the same moment. */
  @Test
  void stop_sendsWatchersOff_spreadOverTwoSeconds() throws Exception {
    List<Long> retries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      fixture.feeds.start();
      fixture.provider.reply(UNFINISHED);
      Future<?> stream = stream();
      fixture.time.awaitParked(2);
      fixture.feeds.stop();
      stream.get(10, TimeUnit.SECONDS);
      Matcher retry = Pattern.compile("retry: (\\d+)\n$").matcher(response.take());
      assertThat(retry.find()).isTrue();
      retries.add(Long.parseLong(retry.group(1)));
      fixture.time.awaitParked(0);
    }

    assertThat(retries).allMatch(millis -> millis >= 1000 && millis < 3000);
    assertThat(retries).anyMatch(millis -> millis < 1300).anyMatch(millis -> millis > 2700);
  }
}
