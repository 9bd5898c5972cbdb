package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Where the provider is and how patient we are with it.
 *
 * @param baseUrl the provider's address, http or https, without {@code /v1/video/query}
 * @param apiKey the provider's key; prefer {@code apiKeyFile}
 * @param apiKeyFile a file that holds the provider's key, or several, a line each
 * @param connectTimeout longest time to connect
 * @param responseTimeout longest silence while waiting for, or reading, an answer
 * @param callTimeout longest time for a whole call, retry included
 * @param maxBodySize largest answer that is read
 * @param maxConcurrentCalls calls in flight at once; four times as many may wait for a place
 * @param maxIdleTime how long an unused connection is kept
 * @param maxLifeTime how long any connection is kept
 * @param dnsMaxTtl longest time a resolved address is believed
 * @param forwardParameters query parameters that go along with {@code id}
 */
@ConfigurationProperties("gateway.upstream")
record UpstreamProperties(
    @Nullable URI baseUrl,
    @Nullable ApiKey apiKey,
    @Nullable Path apiKeyFile,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("10s") Duration responseTimeout,
    @DefaultValue("30s") Duration callTimeout,
    @DefaultValue("8MB") DataSize maxBodySize,
    @DefaultValue("256") int maxConcurrentCalls,
    @DefaultValue("20s") Duration maxIdleTime,
    @DefaultValue("5m") Duration maxLifeTime,
    @DefaultValue("30s") Duration dnsMaxTtl,
    @DefaultValue("model") List<String> forwardParameters) {

  private static final String PREFIX = "gateway.upstream.";

  UpstreamProperties {
    if (baseUrl == null || baseUrl.toString().isEmpty()) {
      throw invalid(
          "base-url",
          null,
          "Set the provider's address: UPSTREAM_BASE_URL=https://… (or"
              + " gateway.upstream.base-url).");
    }
    if (!isUsable(baseUrl)) {
      throw invalid(
          "base-url",
          baseUrl.getHost() == null
              ? "(not shown)"
              : baseUrl.getScheme() + "://" + baseUrl.getHost(),
          "Give an address like https://api.example.com: without user, query, fragment or"
              + " /v1/video/query.");
    }
    requirePositive("connect-timeout", connectTimeout);
    requirePositive("response-timeout", responseTimeout);
    requirePositive("call-timeout", callTimeout);
    requirePositive("max-idle-time", maxIdleTime);
    requirePositive("max-life-time", maxLifeTime);
    requirePositive("dns-max-ttl", dnsMaxTtl);
    if (maxConcurrentCalls < 1) {
      throw invalid("max-concurrent-calls", maxConcurrentCalls, "Allow at least 1 call at once.");
    }
    if (maxBodySize.toBytes() < 1024 || maxBodySize.toBytes() > 64 << 20) {
      throw invalid("max-body-size", maxBodySize, "Give a size from 1KB to 64MB.");
    }
    if (forwardParameters.contains("id") || forwardParameters.contains("wait")) {
      throw invalid(
          "forward-parameters",
          forwardParameters,
          "Leave out id, which always goes along, and wait, which is ours.");
    }
    if (!forwardParameters.stream().allMatch(name -> name.matches("[A-Za-z0-9._-]{1,64}"))) {
      throw invalid(
          "forward-parameters",
          forwardParameters,
          "Give names of 1 to 64 letters, digits, dots, dashes or underscores.");
    }
    boolean hasFile = apiKeyFile != null && !apiKeyFile.toString().isEmpty();
    if (hasFile && apiKey != null && !apiKey.isBlank()) {
      throw invalid(
          "api-key-file",
          apiKeyFile,
          "Set either UPSTREAM_API_KEY or UPSTREAM_API_KEY_FILE, not both.");
    }
    forwardParameters = List.copyOf(forwardParameters);
  }

  /** The key file, if one is given. */
  @Nullable Path givenKeyFile() {
    return apiKeyFile == null || apiKeyFile.toString().isEmpty() ? null : apiKeyFile;
  }

  /** The key that is given without a file. */
  ApiKey requireKey() {
    if (apiKey == null || apiKey.isBlank()) {
      throw invalid(
          "api-key",
          null,
          "Set the provider's key: UPSTREAM_API_KEY_FILE=/path/to/file (one key a line), or"
              + " UPSTREAM_API_KEY.");
    }
    if (!apiKey.isWellFormed()) {
      throw invalid("api-key", apiKey, "The key holds a character that cannot travel in a header.");
    }
    return apiKey;
  }

  private static boolean isUsable(URI address) {
    return ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
        && address.getHost() != null
        && address.getUserInfo() == null
        && address.getQuery() == null
        && address.getFragment() == null
        && !address.getPath().endsWith(TaskQuery.PATH);
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw invalid(name, value, "Give a time longer than zero, for example 5s.");
    }
  }

  static InvalidConfigurationPropertyValueException invalid(
      String name, @Nullable Object value, String howToMend) {
    return new InvalidConfigurationPropertyValueException(PREFIX + name, value, howToMend);
  }
}
