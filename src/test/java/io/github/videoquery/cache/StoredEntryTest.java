package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoredEntryTest {
  private static final TaskQuery QUERY = new TaskQuery(new TaskId("veo3:task"), "model=veo3");
  private static final Instant TODAY = Instant.parse("2026-11-25T10:00:00Z");
  private static final Instant FIRST_SEEN = TODAY.minusSeconds(90);
  private static final History HISTORY = new History(FIRST_SEEN, TODAY.minusSeconds(60), true);
  private static final Lifetime LIFETIME =
      new Lifetime(Duration.ofSeconds(5), Duration.ofSeconds(65));
  private static final Lifetime SIGNED =
      new Lifetime(Duration.ofSeconds(5), Duration.ofSeconds(65), TODAY.plusSeconds(600));

  static List<TaskReply> replies() {
    return List.of(
        new Finished(body("{\"a\":1}"), "completed", null, null, null),
        new Finished(body("{\"long\":\"" + "x".repeat(100_000) + "\"}"), "ok", null, null, null),
        new Failed(body("{}"), "failed"),
        new Unfinished(body("{}"), ""),
        new NotFound());
  }

  @ParameterizedTest
  @MethodSource("replies")
  void whatIsWritten_isRead(TaskReply reply) throws IOException {
    byte[] stored = write(reply);
    StoredEntry read = StoredEntry.read(QUERY, stored);

    assertThat(read.reply().getClass()).isEqualTo(reply.getClass());
    if (reply instanceof Known known && read.reply() instanceof Known again) {
      assertThat(again.body().bytes()).isEqualTo(known.body().bytes());
      assertThat(again.status()).isEqualTo(known.status());
    }
    assertThat(read.account()).isEqualTo("default");
    assertThat(read.history()).isEqualTo(HISTORY);
    assertThat(read.received()).isEqualTo(TODAY.minusSeconds(3));
    assertThat(read.lifetime()).isEqualTo(LIFETIME);
    assertThat(stored).hasSizeLessThan(1000);
  }

  @Test
  void expiryOfALink_isRead() throws IOException {
    TaskReply reply = new Finished(body("{}"), "completed", null, null, null);
    var snapshot = new CacheEntry(reply, "veo3", "default", HISTORY, 1000, SIGNED);

    byte[] stored = StoredEntry.write(QUERY, snapshot, 1000, TODAY);

    assertThat(StoredEntry.read(QUERY, stored).lifetime()).isEqualTo(SIGNED);
  }

  @ParameterizedTest
  @MethodSource("replies")
  void whatAnybodyChanged_isNotRead(TaskReply reply) {
    byte[] stored = write(reply);
    for (int i = 0; i < stored.length; i++) {
      byte[] changed = stored.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> StoredEntry.read(QUERY, changed)).isInstanceOf(IOException.class);
      byte[] cut = Arrays.copyOf(stored, i);
      assertThatThrownBy(() -> StoredEntry.read(QUERY, cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatAnswersAnotherQuestion_isNotRead() {
    byte[] stored = write(new NotFound());
    TaskQuery another = new TaskQuery(QUERY.id(), "");

    assertThatThrownBy(() -> StoredEntry.read(another, stored)).isInstanceOf(IOException.class);
  }

  private static byte[] write(TaskReply reply) {
    var snapshot = new CacheEntry(reply, "veo3", "default", HISTORY, 1000, LIFETIME);
    return StoredEntry.write(QUERY, snapshot, 1000 + Duration.ofSeconds(3).toNanos(), TODAY);
  }

  private static Body body(String json) {
    return new Body(json.getBytes(StandardCharsets.UTF_8));
  }
}
