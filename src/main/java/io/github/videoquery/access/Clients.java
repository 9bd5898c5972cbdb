package io.github.videoquery.access;

import io.github.videoquery.task.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a clients file, found by the hash of the key they show, or by name. The file holds
 * no key.
 */
final class Clients {
  private final Map<String, Listed> byHash;
  private final Map<String, Listed> byName;

  Clients(Map<String, Listed> byHash, Map<String, Listed> byName) {
    this.byHash = Map.copyOf(byHash);
    this.byName = Map.copyOf(byName);
  }

  /**
   * A client of the file, until it expires.
   *
   * @param allTasks whether its tokens need not name tasks
   */
  record Listed(Client caller, @Nullable Instant expires, boolean allTasks) {
    boolean isValidAt(Instant now) {
      return expires == null || now.isBefore(expires);
    }
  }

  /**
   * @return the caller whose key this is, or null
   */
  @Nullable Client ofKey(String key, Instant now) {
    Listed client = byHash.get(sha256(key));
    return client != null && client.isValidAt(now) ? client.caller : null;
  }

  /**
   * @return the client of this name, valid or not, or null
   */
  @Nullable Listed named(String name) {
    return byName.get(name);
  }

  int count() {
    return byName.size();
  }

  static String sha256(String key) {
    return HexFormat.of().formatHex(Sha256.of(key.getBytes(StandardCharsets.UTF_8)));
  }
}
