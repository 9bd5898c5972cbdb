package io.github.videoquery.query;

import static io.github.videoquery.cache.CacheFixture.QUERY;
import static io.github.videoquery.cache.CacheFixture.UNFINISHED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.cache.CacheFixture;
import io.github.videoquery.support.FakeResponse;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.TaskReply.NotFound;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamSubscriptionsTest {
  private final CacheFixture fixture = new CacheFixture();
  private final FakeResponse response = new FakeResponse();
  private final StreamSubscriptions tasks = new StreamSubscriptions();

  private void subscribe() {
    var events = new SoleTaskEvents(new EventStream(response.response()));
    tasks.add(
        new TaskEventStream(QUERY, SentState.NOTHING, fixture.forecast, fixture.memory, events),
        fixture.feeds.subscribe(QUERY));
  }

  @AfterEach
  void end() {
    tasks.close();
    fixture.feeds.stop();
  }

  @Test
  void answer_isUnsent_untilItIsSent() throws Exception {
    fixture.provider.reply(UNFINISHED);
    subscribe();
    fixture.time.awaitParked(1);

    assertThat(tasks.hasUnsent()).isTrue();
    tasks.send(false, () -> true);
    assertThat(tasks.hasUnsent()).isFalse();
    assertThat(response.take()).contains("data: unfinished");
  }

  @Test
  void notFoundThatIsNotBelieved_isNotToBeSent() {
    fixture.provider.reply(new NotFound());
    subscribe();
    fixture.time.awaitParked(1);

    assertThat(tasks.hasUnsent()).isFalse();
  }

  /** The thread that sends throws it, and so ends the stream. */
  @Test
  void defectOfAFeed_isToBeSent() {
    fixture.provider.reply(
        query -> {
          throw new IllegalStateException("defect");
        });
    subscribe();

    FakeTime.spinUntil(tasks::hasUnsent);
    assertThatThrownBy(() -> tasks.send(false, () -> true)).hasRootCauseMessage("defect");
  }
}
