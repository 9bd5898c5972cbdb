package io.github.videoquery.upstream;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.task.TaskQuery;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.PatternMatchUtils;

/**
 * One account at a provider. It inherits the settings of {@code gateway.upstream} that it does not
 * set.
 *
 * @param name what it goes by in logs and metrics: 1 to 32 lower-case letters, digits and dashes
 * @param models globs over the models whose tasks it is asked about; empty means all
 * @param maxRate most calls a second; unbounded if absent
 * @param proxy an HTTP proxy to call through; {@code none} for no proxy
 * @param compareIds whether an answer that names another task is rejected
 * @param dialect additional status words and link fields of this host
 */
record AccountProperties(
    @Nullable String name,
    @Nullable URI baseUrl,
    @Nullable ApiKey apiKey,
    @Nullable Path apiKeyFile,
    @DefaultValue List<String> models,
    @Nullable Double maxRate,
    @Nullable String proxy,
    @Nullable String sslBundle,
    @Nullable Boolean compareIds,
    @Nullable DialectProperties dialect) {
  private static final Pattern OWN_PATH =
      Pattern.compile("(https?://[^?#]*?)/*(/v1(?:/+video(?:/+query)?)?)/*(?:[?#].*)?");

  static final String DEFAULT_NAME = "default";
  static final double SMALLEST_RATE = 0.01;
  static final double LARGEST_RATE = 1_000_000;

  AccountProperties {
    models = List.copyOf(models);
  }

  /**
   * @param prefix of its properties, for the sentence that says what is wrong
   */
  AccountProperties check(String prefix) {
    if (name == null || !name.matches("[a-z0-9-]{1,32}")) {
      throw invalid(
          prefix + "name", name, "Give a name of 1 to 32 lower-case letters, digits or dashes.");
    }
    if (baseUrl == null || !isGiven(baseUrl)) {
      throw invalid(
          prefix + "base-url",
          null,
          "Set the provider's address: UPSTREAM_BASE_URL=https://… (or"
              + " gateway.upstream.base-url).");
    }
    Matcher path = OWN_PATH.matcher(baseUrl.toString());
    if (path.matches()) {
      throw invalid(
          prefix + "base-url",
          "(ends in " + path.group(2) + ")",
          "The gateway appends /v1/video/query itself. Give the address without it: "
              + withoutUser(URI.create(path.group(1)))
              + ".");
    }
    if (!isUsable(baseUrl)) {
      throw invalid(
          prefix + "base-url",
          baseUrl.getHost() == null
              ? "(not shown)"
              : baseUrl.getScheme() + "://" + baseUrl.getHost(),
          "Give an address like https://api.example.com: without user, query, fragment or"
              + " /v1/video/query.");
    }
    if (maxRate != null && !(maxRate >= SMALLEST_RATE && maxRate <= LARGEST_RATE)) {
      throw invalid(
          prefix + "max-rate",
          maxRate,
          "Give calls a second, from 0.01 to 1000000, or leave it out.");
    }
    if (isGiven(apiKeyFile) && isGiven(apiKey)) {
      throw invalid(
          prefix + "api-key-file",
          apiKeyFile,
          "Set either UPSTREAM_API_KEY or UPSTREAM_API_KEY_FILE, not both.");
    }
    if (!isGiven(apiKeyFile) && !isGiven(apiKey)) {
      throw invalid(
          prefix + "api-key",
          null,
          "Set the provider's key: UPSTREAM_API_KEY_FILE=/path/to/file (one key a line), or"
              + " UPSTREAM_API_KEY; for one of several accounts its api-key-file.");
    }
    String slip = apiKey == null || apiKey.isBlank() ? null : apiKey.slip();
    if (slip != null) {
      throw invalid(prefix + "api-key", apiKey, "The key " + slip);
    }
    return this;
  }

  /**
   * Whether it is called for tasks of this model; a task whose model is unknown fits any account.
   */
  boolean isFor(@Nullable String model) {
    return models.isEmpty()
        || model == null
        || models.stream().anyMatch(glob -> PatternMatchUtils.simpleMatch(glob, model));
  }

  /** The proxy to call through; null for none. */
  @Nullable HttpProxy proxyToUse() {
    return HttpProxy.of(proxy);
  }

  /** The address that is asked, without a query. */
  URI endpoint() {
    return URI.create(
        Objects.requireNonNull(baseUrl).toString().replaceFirst("/+$", "") + TaskQuery.PATH);
  }

  static boolean isGiven(@Nullable Object value) {
    return value != null
        && !(value instanceof ApiKey key ? key.isBlank() : value.toString().isEmpty());
  }

  private static String withoutUser(URI address) {
    return address.toString().replace(address.getRawUserInfo() + "@", "");
  }

  private static boolean isUsable(URI address) {
    return Stream.of("http", "https").anyMatch(scheme -> scheme.equals(address.getScheme()))
        && address.getHost() != null
        && address.getUserInfo() == null
        && address.getQuery() == null
        && address.getFragment() == null;
  }

  private static InvalidConfigurationPropertyValueException invalid(
      String property, @Nullable Object value, String howToFix) {
    return new InvalidConfigurationPropertyValueException(property, value, howToFix);
  }
}
