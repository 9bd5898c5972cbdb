package io.github.videoquery.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A file that is read again when it changes. It is compared by content: Kubernetes replaces a
 * mounted file by switching a symbolic link, which its time stamp need not show. A changed file is
 * used when two reads found the same content, because it may be half-written before. Not
 * thread-safe.
 *
 * @param <T> what the file holds
 */
public final class WatchedFile<T> {
  private final Path path;
  private final Function<byte[], T> parser;
  private byte[] seen = {};
  private byte[] used = {};
  private int unreadableLooks;

  /**
   * @param parser throws a {@link RuntimeException}, with a sentence that says how to fix the file,
   *     if it cannot be used
   */
  public WatchedFile(Path path, Function<byte[], T> parser) {
    this.path = path;
    this.parser = parser;
  }

  /**
   * What the file holds now.
   *
   * @throws IOException if it cannot be read
   * @throws RuntimeException the parser's, if it cannot be used
   */
  public T readAtStart() throws IOException {
    seen = Files.readAllBytes(path);
    used = seen;
    return parser.apply(used);
  }

  /** The result of reading the file again. */
  public sealed interface Look<T> {
    /** The file is as it was, or as it was used. */
    record Unchanged<T>() implements Look<T> {}

    /** The file has changed since the last look: it may be half-written. */
    record Changing<T>() implements Look<T> {}

    /** Two reads found the same new content, and it is valid. */
    record Replaced<T>(T content) implements Look<T> {}

    /** Two reads found the same new content, and it is invalid; reported once. */
    record Unusable<T>(String why) implements Look<T> {}
  }

  /** Looks at the file again. */
  public Look<T> look() {
    byte[] now;
    try {
      now = Files.readAllBytes(path);
    } catch (IOException e) {
      unreadableLooks++;
      return switch (unreadableLooks) {
        case 1 -> new Look.Changing<>();
        case 2 -> new Look.Unusable<>(unreadable(e));
        default -> new Look.Unchanged<>();
      };
    }
    unreadableLooks = 0;
    boolean isSettled = Arrays.equals(now, seen);
    seen = now;
    if (Arrays.equals(now, used)) {
      return new Look.Unchanged<>();
    }
    if (!isSettled) {
      return new Look.Changing<>();
    }
    used = now;
    try {
      return new Look.Replaced<>(parser.apply(now));
    } catch (RuntimeException e) {
      return new Look.Unusable<>(String.valueOf(e.getMessage()));
    }
  }

  /** A sentence for a file that cannot be read. */
  public static String unreadable(IOException e) {
    return "The file cannot be read: " + e + ".";
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
