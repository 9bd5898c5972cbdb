package io.github.videoquery.access;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import io.github.videoquery.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The issuer's keys. They are fetched again after 5 minutes, and for a token whose key is unknown,
 * but at most once in 5 s, because anyone can send such tokens. While they cannot be fetched, the
 * known ones are accepted for 12 hours.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {
  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
  private static final long TTL_NANOS = Duration.ofMinutes(5).toNanos();
  static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(5);

  /** So long a token waits for a fetch; without any keys there is nothing else to do. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private static final Duration NO_WAIT = Duration.ZERO; // for known keys while the issuer fails

  private static final Duration LONGEST_FIRST_WAIT = Duration.ofSeconds(6);

  private final Fetch fetch;
  private final Executor threads;
  private final TimeSource time;
  private volatile @Nullable FetchedKeys known;
  private volatile @Nullable IOException failure;
  private @Nullable CompletableFuture<Void> inFlight;
  private @Nullable Long lastBegan;

  /** Fetches the keys that the issuer publishes now. */
  interface Fetch {
    /**
     * @throws IOException if they cannot be fetched
     */
    JWKSet get() throws IOException;
  }

  /** The key of a token may have been published after the last fetch began. */
  static final class NotYetKnownException extends KeySourceException {
    private static final long serialVersionUID = 1;

    NotYetKnownException() {
      super("The key is unknown, and the issuer was not asked since the token came");
    }
  }

  /**
   * @param threads run the fetches
   */
  IssuerKeys(Fetch fetch, Executor threads, TimeSource time) {
    this.fetch = fetch;
    this.threads = threads;
    this.time = time;
  }

  /**
   * The keys that fit a token; none if the key that it names does not fit, or the issuer has none,
   * as a fetch shows that began after the token came.
   *
   * @throws NotYetKnownException if no such fetch has ended yet
   * @throws KeySourceException if the issuer's keys could never be fetched
   */
  @Override
  public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context)
      throws KeySourceException {
    long came = time.nanoTime();
    FetchedKeys now = known;
    if (now == null || came - now.began() >= TTL_NANOS) {
      now = fetched(now == null ? LONGEST_FIRST_WAIT : failure == null ? LONGEST_WAIT : NO_WAIT);
    }
    List<JWK> found = select(now, selector);
    if (found.isEmpty() && now != null && now.hasNamedKey(selector, came)) {
      return found; // another fetch would bring the same key
    }
    if (found.isEmpty() && (now == null || now.began() - came < 0)) {
      now = fetched(LONGEST_WAIT);
      found = select(now, selector);
    }
    if (!found.isEmpty() || (now != null && now.began() - came >= 0)) {
      return found;
    }
    if (now == null && failure != null) {
      throw new KeySourceException("The issuer's keys cannot be fetched", failure);
    }
    throw new NotYetKnownException();
  }

  private List<JWK> select(@Nullable FetchedKeys from, JWKSelector selector) {
    return from == null ? List.of() : from.select(selector, time.nanoTime());
  }

  /** The keys after the fetch in flight, or a new one if one may be made; waited for so long. */
  private @Nullable FetchedKeys fetched(Duration longest) {
    CompletableFuture<Void> current = joinOrFetch();
    long deadline = time.nanoTime() + longest.toNanos();
    Thread waiting = Thread.currentThread();
    var _ = current.whenComplete((done, defect) -> LockSupport.unpark(waiting));
    while (!current.isDone() && deadline - time.nanoTime() > 0 && !waiting.isInterrupted()) {
      time.parkUntil(this, deadline);
    }
    return known;
  }

  private synchronized CompletableFuture<Void> joinOrFetch() {
    long now = time.nanoTime();
    if (inFlight != null && !inFlight.isDone()) {
      return inFlight;
    }
    if (lastBegan != null && now - lastBegan < SHORTEST_INTERVAL.toNanos()) {
      return CompletableFuture.completedFuture(null);
    }
    lastBegan = now;
    inFlight = CompletableFuture.runAsync(() -> fetch(now), threads);
    return inFlight;
  }

  /** Fetches the keys on the calling thread, also within 5 s of another fetch. */
  void fetch(long began) {
    try {
      known = new FetchedKeys(fetch.get(), began);
      if (failure != null) {
        log.info("The issuer's keys can be fetched again");
      }
      failure = null;
    } catch (IOException | RuntimeException e) {
      if (failure == null) {
        log.warn(
            "The issuer's keys cannot be fetched; {}",
            known == null ? "no token can be verified yet" : "known keys are still accepted",
            e);
      }
      failure = e instanceof IOException cause ? cause : new IOException(e);
    }
  }
}
