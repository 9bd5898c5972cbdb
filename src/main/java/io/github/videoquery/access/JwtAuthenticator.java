package io.github.videoquery.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.github.videoquery.access.Clients.Listed;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Mode {@code jwt}: a client shows a token that an identity provider signed. A verified token is
 * cached until it expires, for at most 15 minutes. During that time, a token of a revoked key is
 * still accepted.
 */
final class JwtAuthenticator implements Authenticator {
  private static final Duration MAX_CACHE_TIME = Duration.ofMinutes(15);
  private static final long MAX_CACHED_CHARACTERS = 8_000_000;
  static final int MAX_NAME_LENGTH = 256;

  private static final Problem NO_TOKEN = Challenge.invalidToken("This is not a signed JWT.");
  private static final Problem EXPIRED_CLIENT =
      Challenge.invalidToken("The client's entry at the gateway has expired.");

  private final TokenVerifier verifier;
  private final Runnable fetchKeys;
  private final String clientClaim;
  private final Problem nameless;
  private final RequiredScope scope;
  private final TaskClaim taskClaim;
  private final Duration clockSkew;
  private final @Nullable ClientsFile listed;
  private final RateLimiters limiters;
  private final TimeSource time;
  private final Cache<String, Verified> verified;

  /**
   * @param fetchKeys fetches the issuer's keys
   * @param clockSkew how long after its time a token is still accepted
   * @param listed the clients with models or rates of their own; null if there are none
   */
  JwtAuthenticator(
      TokenVerifier verifier,
      Runnable fetchKeys,
      String clientClaim,
      RequiredScope scope,
      TaskClaim taskClaim,
      Duration clockSkew,
      @Nullable ClientsFile listed,
      RateLimiters limiters,
      TimeSource time) {
    this.verifier = verifier;
    this.fetchKeys = fetchKeys;
    this.clientClaim = clientClaim;
    this.nameless =
        Challenge.invalidToken(
            "The token needs the claim "
                + clientClaim
                + ", which names the client: a text of 1 to 256 characters.");
    this.scope = scope;
    this.taskClaim = taskClaim;
    this.clockSkew = clockSkew;
    this.listed = listed;
    this.limiters = limiters;
    this.time = time;
    this.verified =
        Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_CHARACTERS)
            .weigher((String token, Verified caller) -> token.length())
            .expireAfter(Expiry.creating((String token, Verified caller) -> ttl(caller.expires)))
            .executor(Runnable::run)
            .ticker(time::nanoTime)
            .build();
  }

  /**
   * The client of a verified token.
   *
   * @param unlisted the caller, unless the clients file has an entry of this name
   * @param expires the time that the token states
   * @param lacksTasks whether it should name tasks, and does not
   */
  private record Verified(Client unlisted, Instant expires, boolean lacksTasks) {}

  private Duration ttl(Instant expires) {
    Duration left = Duration.between(time.instant(), expires);
    return left.compareTo(MAX_CACHE_TIME) < 0 ? left : MAX_CACHE_TIME;
  }

  @Override
  public void fetchKeys() {
    fetchKeys.run();
  }

  @Override
  public @Nullable Client recognize(String token) {
    Verified known = verified.getIfPresent(token);
    if (known != null) {
      return caller(known);
    }
    if (token.chars().filter(c -> c == '.').count() != 2) {
      throw new ProblemException(NO_TOKEN);
    }
    return null;
  }

  @Override
  public Client verify(String token) {
    Jwt jwt = verifier.verify(token);
    scope.require(jwt);
    String name = jwt.getClaims().get(clientClaim) instanceof String claim ? claim : "";
    if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
      throw new ProblemException(nameless);
    }
    Instant expires = Objects.requireNonNull(jwt.getExpiresAt());
    Client unlisted =
        new Client(name, null, limiters.of(name, null))
            .with(taskClaim.tasks(jwt), expires.plus(clockSkew));
    var fresh = new Verified(unlisted, expires, taskClaim.isMissing(jwt));
    if (ttl(fresh.expires).isPositive()) {
      verified.put(token, fresh);
    }
    return caller(fresh);
  }

  private Client caller(Verified known) {
    Listed client = listed == null ? null : listed.clients().named(known.unlisted.name());
    if (client == null) {
      return known.unlisted;
    }
    if (!client.isValidAt(time.instant())) {
      throw new ProblemException(EXPIRED_CLIENT);
    }
    Client unlisted = known.unlisted;
    return client
        .caller()
        .with(
            known.lacksTasks && client.allTasks() ? null : unlisted.tasks(),
            Objects.requireNonNull(unlisted.expires()));
  }
}
