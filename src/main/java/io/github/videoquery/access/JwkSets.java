package io.github.videoquery.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the set of keys that an issuer publishes (RFC 7517). Where it is, is discovered when it is
 * first needed (OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3), so that the gateway
 * starts while the issuer is down.
 */
final class JwkSets {
  private static final Logger log = LoggerFactory.getLogger(JwkSets.class);

  /** So many keys are warned of, each once; then no more, for an issuer could make up new ones. */
  private static final int MAX_WARNINGS = 100;

  private final @Nullable URI issuer;
  private final Documents documents;
  private final Set<String> skipped = ConcurrentHashMap.newKeySet();
  private final @Nullable URI location;
  private volatile @Nullable URI discovered;

  /** Fetches a document of the issuer. */
  interface Documents {
    /**
     * @throws FileNotFoundException if there is none
     * @throws IOException if it cannot be fetched
     */
    byte[] get(URI address) throws IOException;
  }

  /**
   * @param issuer null if the location is given
   * @param location null if it has to be discovered
   */
  JwkSets(@Nullable URI issuer, @Nullable URI location, Documents documents) {
    this.issuer = issuer;
    this.location = location;
    this.documents = documents;
  }

  /**
   * The set as it is now. Blocks.
   *
   * @throws IOException if it cannot be fetched, or is no set of keys
   */
  JWKSet fetch() throws IOException {
    URI known = location;
    try {
      if (known == null) {
        known = discovered == null ? discover(Objects.requireNonNull(issuer)) : discovered;
      }
      JWKSet keys = usable(object(known));
      discovered = known;
      return keys;
    } catch (IOException e) {
      discovered = null; // it may have moved
      throw e;
    } catch (ParseException | IllegalArgumentException e) {
      discovered = null;
      throw new IOException("The issuer's metadata cannot be read: " + e.getMessage(), e);
    }
  }

  private Map<String, Object> object(URI address) throws IOException, ParseException {
    return JSONObjectUtils.parse(new String(documents.get(address), StandardCharsets.UTF_8));
  }

  private URI discover(URI from) throws IOException, ParseException {
    String base = from.toString().replaceAll("/$", "");
    String path = URI.create(base).getRawPath();
    String root = base.substring(0, base.length() - path.length());
    try {
      return discover(from, base + "/.well-known/openid-configuration");
    } catch (FileNotFoundException noOpenId) {
      return discover(from, root + "/.well-known/oauth-authorization-server" + path);
    }
  }

  private URI discover(URI from, String metadata) throws IOException, ParseException {
    Map<String, Object> found = object(URI.create(metadata));
    if (!from.toString().equals(JSONObjectUtils.getString(found, "issuer"))) {
      throw new IOException(metadata + " names another issuer");
    }
    String address = JSONObjectUtils.getString(found, "jwks_uri");
    if (address == null || !URI.create(address).isAbsolute()) {
      throw new IOException(metadata + " does not say where the keys are");
    }
    return URI.create(address);
  }

  /** A key that cannot be read is ignored (RFC 7517, section 5). */
  private JWKSet usable(Map<String, Object> set) throws ParseException {
    if (!(set.get("keys") instanceof List<?> published)) {
      throw new ParseException("it has no list of keys", 0);
    }
    List<JWK> keys = new ArrayList<>();
    for (int i = 0; i < published.size(); i++) {
      try {
        keys.add(read(published.get(i)));
      } catch (ParseException | JOSEException | RuntimeException e) {
        skip(i + 1, published.get(i), e);
      }
    }
    return new JWKSet(keys);
  }

  @SuppressWarnings("unchecked") // the names of a JSON object are texts
  private static JWK read(@Nullable Object key) throws ParseException, JOSEException {
    if (!(key instanceof Map<?, ?> fields)) {
      throw new ParseException("it is no JSON object", 0);
    }
    JWK read = JWK.parse((Map<String, Object>) fields);
    if (read instanceof AsymmetricJWK pair) {
      var _ = pair.toPublicKey(); // else a token would be the first to find its defect
    }
    return read;
  }

  private void skip(int position, @Nullable Object key, Exception why) {
    String id = key instanceof Map<?, ?> fields ? String.valueOf(fields.get("kid")) : "none";
    if (skipped.size() < MAX_WARNINGS && skipped.add(id + why.getMessage())) {
      log.atWarn()
          .addKeyValue("kid", id)
          .log(
              "Key {} of the issuer's set (kid {}) cannot be read and is ignored: {}",
              position,
              id,
              why.getMessage());
    }
  }
}
