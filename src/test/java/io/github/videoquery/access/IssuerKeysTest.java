package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.github.videoquery.access.IssuerKeys.NotYetKnownException;
import io.github.videoquery.support.FakeTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** When the issuer is asked, and what is said of a key that it has not. */
@ExtendWith(OutputCaptureExtension.class)
class IssuerKeysTest {
  private final FakeTime time = new FakeTime(Instant.parse("2026-02-06T12:00:00Z"));
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private JWKSet published = set("old");
  private boolean isDown;
  private int fetches;

  private final IssuerKeys keys = new IssuerKeys(this::fetch, Runnable::run, time);

  private JWKSet fetch() throws IOException {
    fetches++;
    if (isDown) {
      throw new IOException("down");
    }
    return published;
  }

  private static JWKSet set(String... ids) {
    return new JWKSet(
        Stream.of(ids)
            .<JWK>map(id -> new OctetSequenceKey.Builder(new byte[32]).keyID(id).build())
            .toList());
  }

  private static List<String> find(IssuerKeys from, String id) throws KeySourceException {
    return from.get(new JWKSelector(new JWKMatcher.Builder().keyID(id).build()), null).stream()
        .map(JWK::getKeyID)
        .toList();
  }

  @Test
  void keys_areFetchedAgain_after5Minutes() throws Exception {
    assertThat(find(keys, "old")).containsExactly("old");
    time.advance(Duration.ofMinutes(5).minusNanos(1));
    assertThat(find(keys, "old")).containsExactly("old");
    assertThat(fetches).isEqualTo(1);

    published = set("new");
    time.advance(Duration.ofNanos(1));
    assertThat(find(keys, "old")).as("revoked").isEmpty();
    assertThat(fetches).isEqualTo(2);
    time.advance(Duration.ofMinutes(5).minusNanos(1));
    assertThat(find(keys, "new")).containsExactly("new");
    assertThat(fetches).isEqualTo(2);
  }

  @Test
  void unknownKey_fetches_butOnceIn5Seconds() throws Exception {
    find(keys, "old");
    time.advance(Duration.ofSeconds(5).minusNanos(1));
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> find(keys, "random")).isInstanceOf(NotYetKnownException.class);
    }
    assertThat(fetches).isEqualTo(1);

    time.advance(Duration.ofNanos(1));
    assertThat(find(keys, "random")).as("the fetch began after it came").isEmpty();
    assertThat(fetches).isEqualTo(2);
    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> find(keys, "random")).isInstanceOf(NotYetKnownException.class);
  }

  /** A token of a known key for another algorithm or use is wrong, whatever a fetch would bring. */
  @Test
  void knownKeyThatDoesNotFit_isNoneAtOnce_andFetchesNothing() throws Exception {
    find(keys, "old");
    time.advance(Duration.ofSeconds(6));
    var unfit = new JWKMatcher.Builder().keyID("old").keyType(KeyType.RSA).build();

    assertThat(keys.get(new JWKSelector(unfit), null)).isEmpty();
    assertThat(fetches).isEqualTo(1);
  }

  /** An unknown key twice; then the issuer turns its key: no right token is called wrong. */
  @Test
  void newKey_isFound_afterUnknownOnes() throws Exception {
    find(keys, "old");
    time.advance(Duration.ofSeconds(5));
    assertThat(find(keys, "random")).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThatThrownBy(() -> find(keys, "random")).isInstanceOf(NotYetKnownException.class);
    published = set("old", "new");

    for (int i = 0; i < 20; i++) {
      time.advance(Duration.ofMillis(100));
      assertThatThrownBy(() -> find(keys, "new")).isInstanceOf(NotYetKnownException.class);
    }
    time.advance(Duration.ofSeconds(3));
    assertThat(find(keys, "new")).containsExactly("new");
  }

  @Test
  void keysThatWereFetchedBefore_areUsedByTheFirstToken() throws Exception {
    keys.fetch(time.nanoTime());
    isDown = true;

    assertThat(find(keys, "old")).containsExactly("old");
  }

  @Test
  void issuerThatWasDownBefore_isAskedAtOnceForTheFirstToken() throws Exception {
    isDown = true;
    keys.fetch(time.nanoTime());
    isDown = false;

    assertThat(find(keys, "old")).containsExactly("old");
  }

  @Test
  void knownKeys_areAccepted_for12HoursWithoutTheIssuer() throws Exception {
    find(keys, "old");
    isDown = true;
    time.advance(Duration.ofHours(12));
    assertThat(find(keys, "old")).containsExactly("old");
    assertThatThrownBy(() -> find(keys, "new"))
        .as("an attacker's, or new")
        .isInstanceOf(NotYetKnownException.class);

    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> find(keys, "old")).isInstanceOf(KeySourceException.class);
  }

  @Test
  void outage_isLoggedOnce_andItsEnd(CapturedOutput log) {
    keys.fetch(time.nanoTime());
    assertThat(log).doesNotContain("again");
    isDown = true;
    keys.fetch(time.nanoTime());
    keys.fetch(time.nanoTime());
    assertThat(log)
        .containsOnlyOnce("The issuer's keys cannot be fetched; known keys are still accepted");

    isDown = false;
    keys.fetch(time.nanoTime());
    keys.fetch(time.nanoTime());
    assertThat(log).containsOnlyOnce("The issuer's keys can be fetched again");
  }

  @Test
  void outageAtTheBegin_isLogged_andItsCauseIsThatOfTheRefusal(CapturedOutput log) {
    isDown = true;

    assertThatThrownBy(() -> find(keys, "old")).cause().hasMessage("down").hasNoCause();
    assertThat(log)
        .containsOnlyOnce("The issuer's keys cannot be fetched; no token can be verified yet");
  }

  @Test
  void issuerThatNeverAnswered_isToldApart() {
    isDown = true;
    assertThatThrownBy(() -> find(keys, "old"))
        .isInstanceOf(KeySourceException.class)
        .isNotInstanceOf(NotYetKnownException.class);
  }

  /** Only the first waits for an issuer that hangs. */
  @Test
  void knownKeys_areUsedAtOnce_whileTheIssuerFails() throws Exception {
    var slow = new IssuerKeys(this::fetch, waiting::add, time);
    FutureTask<List<String>> first = start(() -> find(slow, "old"));
    time.awaitParked(1);
    waiting.remove().run();
    first.get();
    isDown = true;
    time.advance(Duration.ofMinutes(5));
    FutureTask<List<String>> waits = start(() -> find(slow, "old"));
    time.awaitParked(1);
    waiting.remove().run();
    assertThat(waits.get()).containsExactly("old");

    time.advance(Duration.ofSeconds(5));
    assertThat(find(slow, "old")).as("without a wait").containsExactly("old");
    assertThat(waiting).hasSize(1);
  }

  @Test
  void fetchInFlight_isWaitedFor_byAllForASecond() throws Exception {
    var slow = new IssuerKeys(this::fetch, waiting::add, time);
    FutureTask<List<String>> first = start(() -> find(slow, "old"));
    time.awaitParked(1);
    waiting.remove().run();
    assertThat(first.get()).containsExactly("old");

    published = set("old", "new");
    time.advance(Duration.ofSeconds(5));
    FutureTask<List<String>> early = start(() -> find(slow, "new"));
    time.awaitParked(1);
    time.advance(Duration.ofMillis(100));
    FutureTask<List<String>> late = start(() -> find(slow, "new"));
    time.awaitParked(2);
    waiting.remove().run();
    assertThat(early.get()).containsExactly("new");
    assertThat(late.get()).containsExactly("new");
    assertThat(fetches).isEqualTo(2);

    time.advance(Duration.ofSeconds(5));
    FutureTask<List<String>> impatient = start(() -> find(slow, "newer"));
    time.awaitParked(1);
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(impatient::get).hasCauseInstanceOf(NotYetKnownException.class);
  }

  /** The set that it brings may be older than the token. */
  @Test
  void fetchThatBeganEarlier_provesNothing() throws Exception {
    var slow = new IssuerKeys(this::fetch, waiting::add, time);
    FutureTask<List<String>> first = start(() -> find(slow, "old"));
    time.awaitParked(1);
    time.advance(Duration.ofNanos(1));
    FutureTask<List<String>> later = start(() -> find(slow, "new"));
    time.awaitParked(2);
    waiting.remove().run();

    assertThat(first.get()).containsExactly("old");
    assertThatThrownBy(later::get).hasCauseInstanceOf(NotYetKnownException.class);
  }

  private static FutureTask<List<String>> start(Callable<List<String>> find) {
    var task = new FutureTask<>(find);
    Thread.ofVirtual().start(task);
    return task;
  }
}
