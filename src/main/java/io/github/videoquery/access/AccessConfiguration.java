package io.github.videoquery.access;

import io.github.videoquery.access.AccessProperties.Mode;
import io.github.videoquery.file.FileWatch;
import io.github.videoquery.problem.UnreadRequests;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Wires authentication and rate limits. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {
  private static final Duration LONGEST_KEY_FETCH = Duration.ofSeconds(2);

  @Bean
  CrossOriginHandler crossOriginHandler(AccessProperties properties) {
    return properties.cors().handler();
  }

  @Bean
  @Order(2)
  InfoContributor accessInfo(AccessProperties properties, @Nullable ClientsFile clients) {
    String mode = properties.mode().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return info ->
        info.withDetail(
            "access",
            clients == null ? mode : mode + " (" + clients.clients().count() + " clients)");
  }

  @Bean
  UnreadRequests unreadRequests(AccessProperties properties) {
    return new UnreadRequests(properties.cors().fieldsOfUnreadRequests());
  }

  @Bean
  RateLimiters rateLimiters(AccessProperties properties, TimeSource time) {
    return new RateLimiters(properties.rateLimit(), time);
  }

  @Bean
  @Nullable Authenticator authenticator(
      AccessProperties properties,
      @Nullable ClientsFile clients,
      RateLimiters limiters,
      SslBundles sslBundles,
      TimeSource time) {
    return switch (properties.mode()) {
      case API_KEY -> new ApiKeyAuthenticator(Objects.requireNonNull(clients), time);
      case JWT -> {
        JwtProperties jwts = properties.jwt();
        IssuerKeys keys = jwts.issuerKeys(sslBundles, time);
        yield new JwtAuthenticator(
            jwts.verifier(keys, time),
            () -> keys.fetch(time.nanoTime()),
            jwts.clientClaim(),
            new RequiredScope(jwts.requiredScope()),
            jwts.taskClaim(),
            jwts.clockSkew(),
            clients,
            limiters,
            time);
      }
      case NONE -> null;
    };
  }

  /** Fetches the issuer's keys before readiness, for at most 2 s. */
  @Bean
  ApplicationRunner issuerKeysAtStart(ObjectProvider<Authenticator> authenticators) {
    return arguments ->
        authenticators.ifAvailable(
            authenticator ->
                CompletableFuture.runAsync(
                        authenticator::fetchKeys, job -> Thread.ofVirtual().start(job))
                    .completeOnTimeout(null, LONGEST_KEY_FETCH.toMillis(), TimeUnit.MILLISECONDS)
                    .join());
  }

  @Bean
  @Nullable ClientsFile clientsFile(
      AccessProperties properties, RateLimiters limiters, FileWatch watch) {
    boolean withKeys = properties.mode() == Mode.API_KEY;
    Path path = withKeys ? properties.requireClientsFile() : properties.givenClientsFile();
    return path == null || properties.mode() == Mode.NONE
        ? null
        : new ClientsFile(path, yaml -> ClientsParser.parse(yaml, path, withKeys, limiters), watch);
  }

  @Bean
  AccessHandler accessHandler(
      AccessProperties properties,
      @Nullable Authenticator authenticator,
      MeterRegistry registry,
      TimeSource time) {
    return new AccessHandler(
        authenticator,
        properties.clientAddress(),
        new FailedAttempts(time),
        new ClientMetrics(registry));
  }

  @Bean
  ConcurrencyLimit inProgressHandler(AccessProperties properties, MeterRegistry registry) {
    return new ConcurrencyLimit(properties.maxRequestsInProgress(), registry);
  }
}
