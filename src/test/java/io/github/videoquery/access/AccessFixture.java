package io.github.videoquery.access;

import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Access control without Spring. */
public final class AccessFixture {
  private AccessFixture() {}

  /** Lets anyone ask. */
  public static AccessHandler open(MeterRegistry registry, TimeSource time) {
    return handler(null, registry, time);
  }

  /** Lets those ask whom the authenticator knows. */
  static AccessHandler handler(
      @Nullable Authenticator authenticator, MeterRegistry registry, TimeSource time) {
    return new AccessHandler(
        authenticator,
        new ClientAddress(List.of()),
        new FailedAttempts(time),
        new ClientMetrics(registry));
  }

  /** Lets one client ask, who shows the key {@code right}; null for all models. */
  public static AccessHandler forOne(
      @Nullable List<String> models,
      double perSecond,
      int burst,
      MeterRegistry registry,
      TimeSource time) {
    var limiter = new RateLimiter("client", new Rate(perSecond, burst), 0.1, "Too many.", time);
    return handler(new OneKey(new Client("team-a", models, limiter)), registry, time);
  }

  /** Lets one client ask, whose token is {@code right}, names these tasks, and expires. */
  public static AccessHandler forToken(
      Set<String> tasks, Instant expires, MeterRegistry registry, TimeSource time) {
    return handler(new OneKey(new Client("team-a", null, null, tasks, expires)), registry, time);
  }

  /** Knows a key at once, and another after a look. */
  record OneKey(Client client) implements Authenticator {
    @Override
    public @Nullable Client recognize(String key) {
      if (key.equals("right")) {
        return client;
      }
      if (key.equals("slow") || key.equals("slow-wrong")) {
        return null;
      }
      throw new ProblemException(Challenge.invalidToken("No."));
    }

    @Override
    public Client verify(String key) {
      if (key.equals("slow")) {
        return client;
      }
      throw new ProblemException(Challenge.invalidToken("No."));
    }
  }
}
