package io.github.videoquery.upstream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * A file of keys, one a line. It is compared by content: Kubernetes replaces a mounted secret by
 * turning a symbolic link, which no time stamp tells.
 */
final class KeyFile {
  private static final Logger log = LoggerFactory.getLogger(KeyFile.class);

  private final Path path;
  private byte[] seen = {};

  KeyFile(Path path) {
    this.path = path;
  }

  /**
   * @param property the one that names the file, for the sentence that says what is wrong
   */
  List<ApiKey> readAtStart(String property) {
    try {
      seen = Files.readAllBytes(path);
      return parse(seen);
    } catch (IOException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, path, "The file cannot be read: " + e + ".");
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, path, String.valueOf(e.getMessage()));
    }
  }

  /** The keys, if the file changed and can be used; otherwise null, with one warning per change. */
  @Nullable List<ApiKey> readIfChanged() {
    byte[] now = {};
    try {
      now = Files.readAllBytes(path);
      return Arrays.equals(now, seen) ? null : parse(now);
    } catch (IOException | IllegalArgumentException e) {
      if (!Arrays.equals(now, seen)) {
        log.atWarn()
            .addKeyValue("file", path)
            .log(
                "The changed key file cannot be used; the keys stay as they were: {}",
                e.getMessage());
      }
      return null;
    } finally {
      seen = now;
    }
  }

  private static List<ApiKey> parse(byte[] bytes) {
    List<ApiKey> keys =
        new String(bytes, StandardCharsets.UTF_8)
            .lines()
            .map(ApiKey::new)
            .filter(key -> !key.isBlank())
            .toList();
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("The file holds no key; write one a line.");
    }
    if (!keys.stream().allMatch(ApiKey::isWellFormed)) {
      throw new IllegalArgumentException(
          "A line holds a character that cannot travel in a header.");
    }
    return keys;
  }
}
