package io.github.videoquery.access;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may ask.
 *
 * @param mode how callers show who they are
 * @param clientsFile in mode {@code api-key}: the YAML file that lists the clients
 */
@ConfigurationProperties("gateway.access")
record AccessProperties(@DefaultValue("api-key") Mode mode, @Nullable Path clientsFile) {
  enum Mode {
    /** {@code Authorization: Bearer <key>}, each key listed by its hash in the clients file. */
    API_KEY,
    /** Whoever reaches the service may ask. */
    NONE
  }
}
