package io.github.videoquery.upstream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * A file of keys, one a line. It is compared by content: Kubernetes replaces a mounted secret by
 * turning a symbolic link, which no time stamp tells. A changed file is used when it was found
 * twice alike, as one that is being written holds a part of a key.
 */
final class KeyFile {
  private final Path path;
  private byte[] seen = {};
  private byte[] used = {};

  KeyFile(Path path) {
    this.path = path;
  }

  /**
   * @param property the one that names the file, for the sentence that says what is wrong
   */
  List<ApiKey> readAtStart(String property) {
    try {
      seen = Files.readAllBytes(path);
      used = seen;
      return parse(used);
    } catch (IOException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, path, "The file cannot be read: " + e + ".");
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationPropertyValueException(
          property, path, String.valueOf(e.getMessage()));
    }
  }

  /** What became of a look at the file. */
  sealed interface Look {
    /** The file is as it was, or as it was used. */
    record Unchanged() implements Look {}

    /** The file has changed since the last look: it may be half-written. */
    record Changing() implements Look {}

    /** The changed file was found twice alike, and can be used. */
    record Replaced(List<ApiKey> keys) implements Look {}

    /** The changed file was found twice alike, and cannot be used; told once. */
    record Unusable(String why) implements Look {}
  }

  /** Looks at the file again. */
  Look look() {
    byte[] now = {};
    String unreadable = null;
    try {
      now = Files.readAllBytes(path);
    } catch (IOException e) {
      unreadable = "The file cannot be read: " + e + ".";
    }
    boolean isSettled = Arrays.equals(now, seen);
    seen = now;
    if (Arrays.equals(now, used)) {
      return new Look.Unchanged();
    }
    if (!isSettled) {
      return new Look.Changing();
    }
    used = now;
    if (unreadable != null) {
      return new Look.Unusable(unreadable);
    }
    try {
      return new Look.Replaced(parse(now));
    } catch (IllegalArgumentException e) {
      return new Look.Unusable(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String toString() {
    return path.toString();
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
