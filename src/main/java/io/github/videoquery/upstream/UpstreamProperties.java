package io.github.videoquery.upstream;

import static io.github.videoquery.upstream.AccountProperties.isGiven;

import io.github.videoquery.http.HttpProxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * The provider's address, and the timeouts and limits of calls to it.
 *
 * @param baseUrl the provider's address, http or https, without {@code /v1/video/query}
 * @param apiKey the provider's key; prefer {@code api-key-file}
 * @param apiKeyFile a file with the provider's key, or several, one a line; read again when it
 *     changes
 * @param connectTimeout longest time to connect
 * @param responseTimeout longest silence while waiting for, or reading, an answer
 * @param callTimeout longest time for a whole call, retry included
 * @param maxBodySize largest answer that is read, after decompression
 * @param maxConcurrentCalls concurrent calls to each account; four times as many callers may queue,
 *     for at most 2 s
 * @param maxIdleTime how long an unused connection is kept
 * @param maxLifeTime how long any connection is kept
 * @param dnsMaxTtl longest time a resolved address is cached
 * @param maxRate most calls a second of each replica to each account; unbounded if absent
 * @param proxy an HTTP proxy to call through: {@code http://user:password@host:port}; {@code none}
 *     for no proxy
 * @param sslBundle the name of one of {@code spring.ssl.bundle.*}: a private CA, a client
 *     certificate
 * @param compareIds whether an answer that names another task is rejected
 * @param dialect additional status words and link fields of these hosts
 * @param forwardParameters query parameters that go along with {@code id}
 * @param accounts several accounts, each with {@code name}, {@code api-key-file}, and its own
 *     {@code base-url}, {@code models}, {@code max-rate}, {@code proxy} ({@code none} for no
 *     proxy), {@code ssl-bundle}, {@code compare-ids} or {@code dialect} where they differ
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
    @Nullable Double maxRate,
    @Nullable String proxy,
    @Nullable String sslBundle,
    @DefaultValue("true") boolean compareIds,
    @NestedConfigurationProperty @DefaultValue DialectProperties dialect,
    @DefaultValue("model") List<String> forwardParameters,
    @DefaultValue List<AccountProperties> accounts) {

  private static final String PREFIX = "gateway.upstream.";
  private static final Duration SHORTEST_DEADLINE = Duration.ofMillis(100);

  UpstreamProperties {
    requireAtLeast(SHORTEST_DEADLINE, "connect-timeout", connectTimeout);
    requireAtLeast(SHORTEST_DEADLINE, "response-timeout", responseTimeout);
    requireAtLeast(SHORTEST_DEADLINE, "call-timeout", callTimeout);
    requireAtLeast(SHORTEST_DEADLINE, "max-idle-time", maxIdleTime);
    requireAtLeast(SHORTEST_DEADLINE, "max-life-time", maxLifeTime);
    requireAtLeast(Duration.ofSeconds(1), "dns-max-ttl", dnsMaxTtl);
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
    requireProxy("proxy", proxy);
    for (int i = 0; i < accounts.size(); i++) {
      requireProxy("accounts[" + i + "].proxy", accounts.get(i).proxy());
    }
    if (!accounts.isEmpty() && (isGiven(apiKey) || isGiven(apiKeyFile))) {
      throw invalid(
          isGiven(apiKey) ? "api-key" : "api-key-file",
          "(not shown)",
          "Give each of the accounts its own api-key-file instead.");
    }
    if (accounts.stream().map(AccountProperties::name).distinct().count() < accounts.size()) {
      throw invalid(
          "accounts",
          accounts.stream().map(AccountProperties::name).toList(),
          "Give each account a name of its own.");
    }
    forwardParameters = List.copyOf(forwardParameters);
    accounts = List.copyOf(accounts);
  }

  /** The accounts to ask, at least one, by the prefix of their properties; each is complete. */
  Map<String, AccountProperties> accountsByPrefix() {
    if (accounts.isEmpty()) {
      return Map.of(
          PREFIX,
          new AccountProperties(
              AccountProperties.DEFAULT_NAME,
              baseUrl,
              apiKey,
              apiKeyFile,
              List.of(),
              maxRate,
              proxy,
              sslBundle,
              compareIds,
              dialect));
    }
    var byPrefix = new LinkedHashMap<String, AccountProperties>();
    for (int i = 0; i < accounts.size(); i++) {
      byPrefix.put(PREFIX + "accounts[" + i + "].", completed(accounts.get(i)));
    }
    return byPrefix;
  }

  private AccountProperties completed(AccountProperties account) {
    return new AccountProperties(
        account.name(),
        isGiven(account.baseUrl()) ? account.baseUrl() : baseUrl,
        account.apiKey(),
        account.apiKeyFile(),
        account.models(),
        account.maxRate() == null ? maxRate : account.maxRate(),
        isGiven(account.proxy()) ? account.proxy() : proxy,
        account.sslBundle() == null ? sslBundle : account.sslBundle(),
        account.compareIds() == null ? compareIds : account.compareIds(),
        account.dialect() == null ? dialect : dialect.and(account.dialect()));
  }

  private static void requireProxy(String name, @Nullable String proxy) {
    if (!HttpProxy.isUsable(proxy)) {
      throw invalid(name, "(not shown)", HttpProxy.HOW_TO_WRITE);
    }
  }

  private static void requireAtLeast(Duration shortest, String name, Duration value) {
    if (value.compareTo(shortest) < 0) {
      throw invalid(name, value, "Give at least " + shortest.toMillis() + "ms, for example 5s.");
    }
  }

  private static InvalidConfigurationPropertyValueException invalid(
      String name, @Nullable Object value, String howToFix) {
    return new InvalidConfigurationPropertyValueException(PREFIX + name, value, howToFix);
  }
}
