package io.github.videoquery.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The provider's keys, in the order they are tried. */
final class UpstreamKeys {
  private final List<ApiKey> keys;

  UpstreamKeys(UpstreamProperties properties) {
    this.keys = load(properties.apiKey(), properties.apiKeyFile());
  }

  ApiKey current() {
    return keys.getFirst();
  }

  private static List<ApiKey> load(@Nullable ApiKey key, @Nullable Path file) {
    Path givenFile = file == null || file.toString().isEmpty() ? null : file;
    ApiKey givenKey = key == null || key.isBlank() ? null : key;
    if (givenFile != null && givenKey != null) {
      throw UpstreamProperties.invalid(
          "api-key-file", file, "Set either UPSTREAM_API_KEY or UPSTREAM_API_KEY_FILE, not both.");
    }
    if (givenFile != null) {
      return read(givenFile);
    }
    if (givenKey == null) {
      throw UpstreamProperties.invalid(
          "api-key",
          null,
          "Set the provider's key: UPSTREAM_API_KEY_FILE=/path/to/file (one key a line), or"
              + " UPSTREAM_API_KEY.");
    }
    if (!givenKey.isWellFormed()) {
      throw UpstreamProperties.invalid(
          "api-key", givenKey, "The key holds a character that cannot travel in a header.");
    }
    return List.of(givenKey);
  }

  private static List<ApiKey> read(Path file) {
    List<ApiKey> keys;
    try {
      keys =
          Files.readAllLines(file).stream().map(ApiKey::new).filter(key -> !key.isBlank()).toList();
    } catch (IOException e) {
      throw UpstreamProperties.invalid("api-key-file", file, "The file cannot be read: " + e + ".");
    }
    if (keys.isEmpty()) {
      throw UpstreamProperties.invalid(
          "api-key-file", file, "The file holds no key; write one a line.");
    }
    if (!keys.stream().allMatch(ApiKey::isWellFormed)) {
      throw UpstreamProperties.invalid(
          "api-key-file", file, "A line holds a character that cannot travel in a header.");
    }
    return keys;
  }
}
