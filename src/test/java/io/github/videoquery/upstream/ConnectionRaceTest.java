package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.FakeTime;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionRaceTest {
  private static final InetSocketAddress A = address("192.0.2.1");
  private static final InetSocketAddress B = address("192.0.2.2");
  private static final InetSocketAddress SIX = address("2001:db8::1");

  private final FakeTime clock = new FakeTime(Instant.EPOCH);
  private final AddressHealth health = new AddressHealth(clock);
  private final EmbeddedChannel time = new EmbeddedChannel();
  private final EventLoop loop = time.eventLoop();
  private final Map<InetSocketAddress, Promise<Void>> attempts = new HashMap<>();
  private final List<InetSocketAddress> tried = new ArrayList<>();
  private final Promise<List<InetSocketAddress>> four = loop.newPromise();
  private final Promise<List<InetSocketAddress>> six = loop.newPromise();

  @BeforeEach
  void freeze() {
    time.freezeTime();
  }

  @Test
  void singleAddress_isNotTried() {
    var result = race();
    four.setSuccess(List.of(A));
    six.setFailure(new UnknownHostException());

    assertThat(result.getNow()).containsExactly(A);
    assertThat(tried).isEmpty();
  }

  @Test
  void nextAddress_isTriedAfter250Milliseconds_andTheFirstToConnectWins() {
    var result = race();
    four.setSuccess(List.of(A, B));
    six.setSuccess(List.of(SIX));
    time.runPendingTasks();
    assertThat(tried).containsExactly(A);
    pass(249);
    assertThat(tried).containsExactly(A);
    pass(1);
    assertThat(tried).containsExactly(A, SIX);

    connects(SIX);

    assertThat(result.getNow()).containsExactly(SIX, B, A);
    pass(1_000);
    assertThat(tried).as("the race is over").containsExactly(A, SIX);
  }

  @Test
  void nextAddress_isTriedAtOnce_whenOneFails() {
    var result = race();
    four.setSuccess(List.of(A, B));
    six.setFailure(new UnknownHostException());

    fails(A);
    assertThat(tried).containsExactly(A, B);
    connects(B);

    assertThat(result.getNow()).containsExactly(B, A);
  }

  @Test
  void slowFirst_mayStillWin() {
    var result = race();
    four.setSuccess(List.of(A, B));
    six.setFailure(new UnknownHostException());
    pass(250);

    connects(A);

    assertThat(result.getNow()).containsExactly(A, B);
  }

  @Test
  void otherFamily_isWaitedFor_50Milliseconds() {
    var result = race();
    six.setSuccess(List.of(SIX));
    pass(49);
    assertThat(tried).isEmpty();
    pass(1);
    assertThat(tried).containsExactly(SIX);

    fails(SIX);
    assertThat(result.isDone()).as("the other family may still come").isFalse();
    four.setSuccess(List.of(A));
    assertThat(tried).containsExactly(SIX, A);
    connects(A);

    assertThat(result.getNow()).containsExactly(A, SIX);
  }

  @Test
  void lookupThatNeverEnds_holdsNobodyUp() {
    var result = race();
    four.setSuccess(List.of(A));
    pass(50);
    connects(A);

    assertThat(result.getNow()).containsExactly(A);
  }

  @Test
  void goodAddress_isTakenWithoutARace_forAMinute() {
    health.tried(B, true);
    var result = race();
    four.setSuccess(List.of(A, B));
    time.runPendingTasks();

    assertThat(result.getNow()).containsExactly(B, A);
    assertThat(tried).isEmpty();

    clock.advance(Duration.ofSeconds(61));
    Promise<List<InetSocketAddress>> later = loop.newPromise();
    new ConnectionRace(loop, health, this::connect, later).start(List.of(four));
    time.runPendingTasks();
    assertThat(tried).containsExactly(A);
  }

  @Test
  void deadAddress_isTriedLast_forAMinute() {
    health.tried(A, false);
    var _ = race();
    four.setSuccess(List.of(A, B));
    pass(50);
    assertThat(tried).containsExactly(B);

    clock.advance(Duration.ofSeconds(61));
    var _ = race();
    pass(50);
    assertThat(tried).containsExactly(B, A);
  }

  @Test
  void race_fails_whenAllAddressesDo() {
    var result = race();
    four.setSuccess(List.of(A, B));
    six.setFailure(new UnknownHostException());
    fails(A);
    fails(B);

    assertThat(result.cause()).isInstanceOf(ConnectException.class);
  }

  @Test
  void race_fails_whenTheNameHasNoAddress() {
    var result = race();
    four.setFailure(new UnknownHostException("no such host"));
    six.setFailure(new UnknownHostException("no such host"));

    assertThat(result.cause()).isInstanceOf(UnknownHostException.class);
  }

  private Promise<List<InetSocketAddress>> race() {
    Promise<List<InetSocketAddress>> result = loop.newPromise();
    new ConnectionRace(loop, health, this::connect, result).start(Arrays.asList(four, six));
    return result;
  }

  private Future<?> connect(EventLoop any, InetSocketAddress address) {
    tried.add(address);
    return attempts.computeIfAbsent(address, a -> loop.newPromise());
  }

  private void connects(InetSocketAddress address) {
    Objects.requireNonNull(attempts.get(address)).setSuccess(null);
    time.runPendingTasks();
  }

  private void fails(InetSocketAddress address) {
    Objects.requireNonNull(attempts.get(address)).setFailure(new ConnectException("refused"));
    time.runPendingTasks();
  }

  private void pass(long millis) {
    time.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    time.runScheduledPendingTasks();
  }

  private static InetSocketAddress address(String ip) {
    return new InetSocketAddress(ip, 443);
  }
}
