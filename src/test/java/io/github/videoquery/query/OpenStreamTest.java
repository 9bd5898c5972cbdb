package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.FINISHED;
import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static io.github.videoquery.cache.CacheFixture.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.access.Client;
import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.cache.Subscription;
import io.github.videoquery.support.FakeResponse;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskReply.Finished;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenStreamTest {
  private static final Duration HEARTBEAT = Duration.ofSeconds(8);

  private final CacheFixture fixture = new CacheFixture(Duration.ofMinutes(1));
  private final FakeResponse response = new FakeResponse();
  private static final Duration MAX_AGE = Duration.ofMinutes(10);

  private final StreamScheduler clock = clock(HEARTBEAT);
  private final AtomicInteger threads = new AtomicInteger();
  private @Nullable OpenStream opened;

  /** Jobs whose threads have not begun; null if they begin at once. */
  private volatile @Nullable Queue<Runnable> late;

  private final Client client = new Client("team-a", null, null);

  private StreamScheduler clock(Duration heartbeat) {
    var properties = new WaitProperties(Duration.ofSeconds(45), heartbeat, MAX_AGE, 2, 2, 50);
    return new StreamScheduler(properties, fixture.feeds, fixture.time);
  }

  @AfterEach
  void end() {
    fixture.feeds.stop();
  }

  /** A stream whose wake-ups run on the threads that cause them; done when it has ended. */
  private CompletableFuture<Void> stream() throws IOException {
    return stream(clock);
  }

  private CompletableFuture<Void> stream(StreamScheduler scheduler) throws IOException {
    Subscription subscription = fixture.feeds.subscribe(QUERY);
    var events = new EventStream(response.response());
    var task =
        new TaskEventStream(
            QUERY, SentState.NOTHING, fixture.forecast, fixture.memory, new SoleTaskEvents(events));
    var tasks = new StreamSubscriptions();
    tasks.add(task, subscription);
    var over = new Callback.Completable();
    events.begin();
    OpenStream open =
        new OpenStream(
            scheduler,
            events,
            tasks,
            client,
            isExpired -> {},
            over,
            job -> {
              threads.incrementAndGet();
              if (late == null) {
                job.run();
              } else {
                late.add(job);
              }
            });
    opened = open;
    open.begin();
    return over.whenComplete((_, _) -> tasks.close());
  }

  @Test
  void stream_ends_withTheTask() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
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
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    response.take();
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      fixture.time.advance(HEARTBEAT.minusMillis(1));
      fixture.time.awaitParked(2);
      sent.add(response.take());
      fixture.time.advance(Duration.ofMillis(1));
      fixture.time.awaitParked(2);
      sent.add(response.take());
    }

    assertThat(sent).containsExactly("", ":\n", "", ":\n", "", ":\n");
    fixture.feeds.stop();
    stream.get(10, TimeUnit.SECONDS);
  }

  @Test
  void streamAtRest_needsNoThread_evenForItsHeartbeats() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    int before = threads.get();
    response.take();
    for (int i = 0; i < 3; i++) {
      fixture.time.advance(HEARTBEAT);
      fixture.time.awaitParked(2);
    }

    assertThat(response.take()).isEqualTo(":\n:\n:\n");
    assertThat(threads).hasValue(before);
    assertThat(stream).isNotDone();
  }

  /** A thread that an update woke may find the heartbeat due before the clock does. */
  @Test
  void heartbeat_comesOnce_whenAnUpdateComesAtTheSameTime() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    response.take();
    clock.schedule(Objects.requireNonNull(opened)::wake, clock.nextHeartbeat() - 1);
    fixture.time.advance(HEARTBEAT);
    fixture.time.awaitParked(2);
    for (int i = 0; i < 3; i++) {
      fixture.time.advance(HEARTBEAT);
      fixture.time.awaitParked(2);
    }

    assertThat(response.take()).isEqualTo(":\n:\n:\n:\n");
    assertThat(stream).isNotDone();
  }

  @Test
  void news_thatComesWhileACommentIsWritten_isToldAfterwards() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    response.take();
    Callback stall = response.stall();
    fixture.time.advance(HEARTBEAT);
    fixture.time.awaitParked(2);
    fixture.provider.reply(FINISHED);
    fixture.time.advance(Duration.ofSeconds(67));
    FakeTime.spinUntil(() -> fixture.provider.calls.get() == 2);
    fixture.time.awaitParked(1);
    assertThat(response.take()).as("no comment behind one that is not read").isEqualTo(":\n");
    stall.succeeded();

    stream.get(10, TimeUnit.SECONDS);
    assertThat(response.take()).startsWith("event: status").contains("event: end");
  }

  /** Else the memory that it takes would be given to other answers meanwhile. */
  @Test
  void largeAnswer_isCounted_beforeTheThreadThatWritesItBegins() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    late = waiting;
    fixture.provider.reply(new Finished(body("x".repeat(100_000)), "completed", null, null, null));
    fixture.time.advance(Duration.ofSeconds(67));
    FakeTime.spinUntil(() -> !waiting.isEmpty());
    assertThat(fixture.memory.held()).isEqualTo(Body.heldBytes(100_000));
    waiting.remove().run();

    stream.get(10, TimeUnit.SECONDS);
    assertThat(fixture.memory.held()).isZero();
  }

  @Test
  void stream_ends_whenACommentCannotBeWritten() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    response.stall().failed(new IOException("gone"));
    fixture.time.advance(HEARTBEAT);

    assertThatThrownBy(() -> stream.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
    FakeTime.spinUntil(() -> fixture.registry.get("gateway.feeds").gauge().value() == 0);
  }

  @Test
  void stream_ends_whenAnEventCannotBeWritten() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream(clock(Duration.ofMinutes(2))); // the event comes first
    fixture.time.awaitParked(2);
    response.stall().failed(new IOException("gone"));
    fixture.provider.reply(FINISHED);
    fixture.time.advance(Duration.ofSeconds(67));

    assertThatThrownBy(() -> stream.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
  }

  /** No feed wakes anybody for it, since the answer is equal. */
  @Test
  void endThatIsExpectedByNow_isToldWithTheNextHeartbeat() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    fixture.time.awaitParked(2);
    response.take();
    fixture.learn(QUERY, Duration.ofHours(1));
    fixture.time.advance(Duration.ofSeconds(67));
    FakeTime.spinUntil(() -> fixture.provider.calls.get() == 2);
    fixture.time.awaitParked(2);
    fixture.time.advance(HEARTBEAT);
    fixture.time.awaitParked(2);

    assertThat(response.take()).containsOnlyOnce("event: expected").endsWith(":\n");
    assertThat(stream).isNotDone();
  }

  /** Behind some proxies nobody hears that the client has left. */
  @Test
  void stream_ends_whenItIsTooOld_andSaysWhenToConnectAgain() throws Exception {
    fixture.provider.reply(UNFINISHED);
    CompletableFuture<Void> stream = stream();
    for (Duration age = Duration.ZERO;
        age.compareTo(MAX_AGE.multipliedBy(9).dividedBy(10).minus(HEARTBEAT)) <= 0;
        age = age.plus(HEARTBEAT)) {
      fixture.time.awaitParked(2);
      assertThat(stream.isDone()).isFalse();
      fixture.time.advance(HEARTBEAT);
    }

    fixture.time.awaitParked(2);
    fixture.time.advance(MAX_AGE.dividedBy(5));
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
      CompletableFuture<Void> stream = stream();
      fixture.time.awaitParked(2);
      fixture.feeds.stop();
      stream.get(10, TimeUnit.SECONDS);
      Matcher retry = Pattern.compile("retry: (\\d+)\n$").matcher(response.take());
      assertThat(retry.find()).isTrue();
      retries.add(Long.parseLong(retry.group(1)));
      fixture.time.awaitParked(1); // the clock's
    }

    assertThat(retries).allMatch(millis -> millis >= 1000 && millis < 3000);
    assertThat(retries).anyMatch(millis -> millis < 1300).anyMatch(millis -> millis > 2700);
  }
}
