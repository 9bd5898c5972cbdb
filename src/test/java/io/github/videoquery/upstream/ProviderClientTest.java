package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.file.FileWatch;
import io.github.videoquery.support.FakeTime;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.upstream.Provider.CallPermit;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class ProviderClientTest {
  private static final Duration NOW = Duration.ZERO;
  private static final TaskReply KNOWN = new Unfinished(new Body(new byte[0]), "queued");
  private static final HeldBodies HELD = new BodyMemory(0).holder();

  private final FakeTime time = new FakeTime(Instant.EPOCH);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MeterProvider<Timer> timers = Timer.builder("calls").withRegistry(registry);

  /** The accounts' names in the order they were called. */
  private final List<String> calls = new ArrayList<>();

  private final Map<String, Duration> timeouts = new HashMap<>();
  private final Map<String, TaskReply> replies = new HashMap<>(Map.of("a", KNOWN, "b", KNOWN));

  @Test
  void firstQueries_areSpread_andEachCostsOneCall() {
    ProviderClient client = client(1.0, 1.0);
    for (int i = 0; i < 8; i++) {
      ask(client, query(i), null);
      time.advance(Duration.ofMillis(500));
    }

    assertThat(calls).containsExactly("a", "b", "a", "b", "a", "b", "a", "b");
  }

  @Test
  void firstQuery_goesWhereItsPermitComesSooner() {
    ProviderClient client = client(1.0, null);

    ask(client, query(1), null);
    ask(client, query(2), null);
    ask(client, query(3), null);

    assertThat(calls).containsExactly("a", "b", "b");
    assertThat(client.delayNanos(query(4), null)).isZero();
    assertThat(client.delayNanos(query(4), "a")).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void permitAtTheWrongAccount_isGivenBack() {
    ProviderClient client = client(1.0, 1.0);
    CallPermit turn = Objects.requireNonNull(client.acquire(query(1), null, NOW));

    turn.call("b", true, HELD);

    assertThat(calls).containsExactly("b");
    assertThat(client.delayNanos(query(2), "a")).as("a's permit is free again").isZero();
    assertThat(client.delayNanos(query(2), "b")).isPositive();
  }

  @Test
  void permitThatIsNotUsed_isFreeAgain() {
    ProviderClient client = client(1.0, null);
    CallPermit turn = Objects.requireNonNull(client.acquire(query(1), null, NOW));

    turn.giveBack();

    assertThat(client.delayNanos(query(2), "a")).isZero();
  }

  @Test
  void eachOfSeveralAccounts_hasItsShareOfTheTimeout() {
    replies.put("a", new NotFound());
    ProviderClient client = client(null, null);

    ask(client, query(1), null);
    assertThat(calls).containsExactly("a", "b");
    assertShare("a", 15);
    assertShare("b", 15);

    ask(client, query(1), "b");
    assertThat(calls).containsExactly("a", "b", "b");
    assertShare("b", 30);
  }

  private void assertShare(String account, long seconds) {
    assertThat(Objects.requireNonNull(timeouts.get(account)))
        .isBetween(Duration.ofSeconds(seconds - 1), Duration.ofSeconds(seconds));
  }

  @Test
  void secondAccount_waitsForAPermitOfItsOwn() {
    replies.put("a", new NotFound());
    ProviderClient client = client(null, 1.0);
    ask(client, query(1), "b"); // uses up b's permit

    AccountReply reply = ask(client, query(2), null);

    assertThat(calls).as("a is asked, b has no permit").containsExactly("b", "a");
    assertThat(reply.reply()).isNotInstanceOf(NotFound.class);
  }

  @Test
  void secondRequest_waitsForAPermitOfItsOwn() throws Exception {
    ProviderClient client = client(1.0, null, Set.of("a"));
    Thread caller = Thread.ofVirtual().start(() -> ask(client, query(1), "a"));
    time.awaitParked(1);
    assertThat(repeats).isEmpty();

    time.advance(Duration.ofSeconds(1));

    caller.join();
    assertThat(repeats).containsExactly(true);
    assertThat(client.delayNanos(query(2), "a")).isEqualTo(Duration.ofSeconds(1).toNanos());
  }

  private final List<Boolean> repeats = new CopyOnWriteArrayList<>();

  private static AccountReply ask(
      ProviderClient client, TaskQuery query, @Nullable String account) {
    return Objects.requireNonNull(client.acquire(query, account, NOW)).call(account, true, HELD);
  }

  private static TaskQuery query(int number) {
    return new TaskQuery(new TaskId("task-" + number), "");
  }

  private ProviderClient client(@Nullable Double rateOfA, @Nullable Double rateOfB) {
    return client(rateOfA, rateOfB, Set.of());
  }

  /**
   * @param repeating the accounts that try to make a second request
   */
  private ProviderClient client(
      @Nullable Double rateOfA, @Nullable Double rateOfB, Set<String> repeating) {
    var properties =
        new UpstreamProperties(
            URI.create("http://provider"),
            null,
            null,
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            DataSize.ofMegabytes(8),
            256,
            Duration.ofSeconds(20),
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            null,
            null,
            null,
            true,
            DialectProperties.NONE,
            List.of("model"),
            List.of());
    return new ProviderClient(
        List.of(account("a", rateOfA, repeating), account("b", rateOfB, repeating)), properties);
  }

  private Account account(String name, @Nullable Double maxRate, Set<String> repeating) {
    var settings =
        new AccountProperties(
            name,
            URI.create("http://provider"),
            new ApiKey("sk-" + name),
            null,
            List.of(),
            maxRate,
            null,
            null,
            null,
            null);
    return new Account(
        settings,
        (query, key, deadline, mayRepeat, held) -> {
          calls.add(name);
          timeouts.put(name, Duration.ofNanos(deadline - time.nanoTime()));
          if (repeating.contains(name)) {
            repeats.add(mayRepeat.getAsBoolean());
          }
          return Objects.requireNonNull(replies.get(name));
        },
        new Keys("gateway.upstream.", settings, registry, new FileWatch(), time),
        new FairRateLimiter(maxRate, time),
        new Bulkhead(256, time),
        new Breaker(name, registry, time),
        new CallTimers(name, timers),
        time);
  }
}
