package io.github.videoquery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder in which the server and native libraries put scratch files: {@code java.io.tmpdir}.
 */
final class TemporaryFolder {
  private TemporaryFolder() {}

  /** A sentence that says what to fix, if the folder is not writable. */
  static Optional<String> error() {
    String folder = System.getProperty("java.io.tmpdir");
    try {
      Files.delete(Files.createTempFile(Path.of(folder), "video-query-gateway", ""));
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of(
          "The service needs a temporary folder it can write to, and "
              + folder
              + " is not one. Mount a writable volume there (an emptyDir in Kubernetes, --tmpfs"
              + " /tmp in Docker), or name another folder with -Djava.io.tmpdir=…");
    }
  }
}
