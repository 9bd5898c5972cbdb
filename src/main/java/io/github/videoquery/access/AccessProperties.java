package io.github.videoquery.access;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Authentication, rate limits, CORS and trusted proxies.
 *
 * @param mode how clients authenticate: {@code api-key}, {@code jwt}, or {@code none} (everybody
 *     may query, without a limit)
 * @param clientsFile the YAML file that lists the clients: in mode {@code api-key} with the hashes
 *     of their keys; in mode {@code jwt}, where it may be missing, those with models or rates of
 *     their own
 * @param rateLimit the rate limit of each client on this replica, unless its entry has its own
 * @param jwt which tokens are accepted, in mode {@code jwt}
 * @param cors which other origins' pages may ask
 * @param trustedProxies addresses and networks (CIDR) whose {@code X-Forwarded-…} is trusted
 * @param maxRequestsInProgress concurrent cache misses (long polls and event streams not counted)
 */
@ConfigurationProperties("gateway.access")
record AccessProperties(
    @DefaultValue("api-key") Mode mode,
    @Nullable Path clientsFile,
    @DefaultValue RateLimit rateLimit,
    @DefaultValue @NestedConfigurationProperty JwtProperties jwt,
    @DefaultValue @NestedConfigurationProperty Cors cors,
    @DefaultValue List<String> trustedProxies,
    @DefaultValue("1000") int maxRequestsInProgress) {

  AccessProperties {
    if (maxRequestsInProgress < 1) {
      throw AccessSettings.invalid(
          "max-requests-in-progress", maxRequestsInProgress, "Give at least 1.");
    }
  }

  enum Mode {
    /** {@code Authorization: Bearer <key>}, each key listed by its hash in the clients file. */
    API_KEY,
    /** {@code Authorization: Bearer <token>}, signed by an identity provider. */
    JWT,
    /** Whoever reaches the service may ask, as often as it likes. */
    NONE
  }

  /**
   * @param perSecond queries per second, on average, for each client on each replica
   * @param burst queries at once, after a pause
   * @param hitCost the cost of a cache hit, as a fraction of a query
   */
  record RateLimit(
      @DefaultValue("50") double perSecond,
      @DefaultValue("100") int burst,
      @DefaultValue("0.1") double hitCost) {
    RateLimit {
      if (!new Rate(perSecond, burst).isValid()) {
        throw AccessSettings.invalid(
            "rate-limit",
            perSecond + "/s, " + burst,
            "Give a rate above 0, up to 1,000,000, and a burst of 1 or more.");
      }
      if (!(hitCost >= 0 && hitCost <= 1)) {
        throw AccessSettings.invalid(
            "rate-limit.hit-cost", hitCost, "Give a part of a question, 0 to 1.");
      }
    }

    Rate rate() {
      return new Rate(perSecond, burst);
    }
  }

  /** The clients file, or null if none is named. */
  @Nullable Path givenClientsFile() {
    return clientsFile == null || clientsFile.toString().isEmpty() ? null : clientsFile;
  }

  Path requireClientsFile() {
    Path given = givenClientsFile();
    if (given == null) {
      throw AccessSettings.invalid(
          "clients-file",
          null,
          "Name the file that lists who may ask, or set gateway.access.mode=none to let anyone"
              + " ask.");
    }
    return given;
  }

  ClientAddress clientAddress() {
    try {
      return new ClientAddress(trustedProxies);
    } catch (IllegalArgumentException e) {
      throw AccessSettings.invalid(
          "trusted-proxies", trustedProxies, "Give addresses or networks, like 10.0.0.0/8.");
    }
  }
}
