package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountTest {
  private static final TaskReply REJECTED = new Refused(Refusal.CREDENTIALS, 401, null);
  private static final TaskReply KNOWN = new Unfinished(new Body(new byte[0]), "queued");

  private final FakeTime time = new FakeTime(Instant.EPOCH);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> tried = new CopyOnWriteArrayList<>();

  @Test
  void furtherKey_waitsForAPermitOfItsOwn(@TempDir Path folder) throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), "sk-first-key\nsk-second-key\n");
    Account account = account(keys, 1.0);
    assertThat(account.acquire(true, Duration.ZERO)).isNotNull();
    CompletableFuture<TaskReply> reply = CompletableFuture.supplyAsync(() -> call(account));
    time.awaitParked(1);
    assertThat(tried).containsExactly("sk-first-key");

    time.advance(Duration.ofSeconds(1));

    assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo(KNOWN);
    assertThat(tried).containsExactly("sk-first-key", "sk-second-key");
    assertThat(account.delayNanos(true)).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  private static TaskReply call(Account account) {
    return account.call(
        new TaskQuery(new TaskId("task"), ""),
        Duration.ofSeconds(10),
        false,
        true,
        new BodyMemory(0).holder());
  }

  private Account account(Path keys, double maxRate) {
    var settings =
        new AccountProperties(
            "a",
            URI.create("http://provider"),
            null,
            keys,
            List.of(),
            maxRate,
            null,
            null,
            null,
            null);
    return new Account(
        settings,
        (query, key, deadline, mayRepeat, held) -> {
          tried.add(key.secret());
          return tried.size() == 1 ? REJECTED : KNOWN;
        },
        new Keys("gateway.upstream.", settings, registry, new FileWatch(), time),
        new FairRateLimiter(maxRate, time),
        new Bulkhead(256, time),
        new Breaker("a", registry, time),
        new CallTimers("a", Timer.builder("calls").withRegistry(registry)),
        time);
  }
}
