package io.github.videoquery.access;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The keys that one fetch brought. They are accepted for 12 hours, if no other fetch succeeds.
 *
 * @param began when that fetch began, on {@link io.github.videoquery.time.TimeSource#nanoTime()}
 */
record FetchedKeys(JWKSet keys, long began) {
  private static final long MAX_OUTAGE_NANOS = Duration.ofHours(12).toNanos();

  List<JWK> select(JWKSelector selector, long now) {
    return now - began > MAX_OUTAGE_NANOS ? List.of() : selector.select(keys);
  }

  /** Whether the key that a token names is here, be it for another algorithm or use. */
  boolean hasNamedKey(JWKSelector selector, long now) {
    Set<String> named = selector.getMatcher().getKeyIDs();
    return named != null
        && !select(new JWKSelector(new JWKMatcher.Builder().keyIDs(named).build()), now).isEmpty();
  }
}
