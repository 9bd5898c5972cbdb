package io.github.videoquery.access;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.URLBasedJWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys an issuer publishes. Where they are is discovered when they are first needed (OpenID
 * Connect Discovery 1.0, section 4; RFC 8414, section 3), so that the gateway starts while the
 * issuer is down.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

  /** The connect timeout and the read timeout. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_BYTES = 512 * 1024;

  private final @Nullable URI issuer;
  private final DefaultResourceRetriever http =
      new DefaultResourceRetriever((int) TIMEOUT.toMillis(), (int) TIMEOUT.toMillis(), MAX_BYTES);
  private volatile @Nullable URI location;
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile @Nullable Exception failure;

  /**
   * @param issuer null if the location is given
   * @param location null if it has to be discovered
   */
  IssuerKeys(@Nullable URI issuer, @Nullable URI location) {
    this.issuer = issuer;
    this.location = location;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      JWKSet keys = fetch(refresh, now, context);
      failure = null;
      return keys;
    } catch (KeySourceException | RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  /** Logs a change. Not done while fetching, because the library then holds a lock. */
  void warnOfChange() {
    Exception now = failure;
    if (warned.compareAndSet(now == null, now != null)) {
      if (now == null) {
        log.info("The issuer's keys can be fetched again");
      } else {
        log.warn("The issuer's keys cannot be fetched; cached keys are still accepted", now);
      }
    }
  }

  /** Whether the last fetch failed. */
  boolean unavailable() {
    return failure != null;
  }

  private JWKSet fetch(
      JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
      throws KeySourceException {
    URI known = location;
    try {
      if (known == null) {
        known = discover(Objects.requireNonNull(issuer));
        location = known;
      }
      return new URLBasedJWKSetSource<>(known.toURL(), http).getJWKSet(refresh, now, context);
    } catch (IOException | ParseException | IllegalArgumentException e) {
      throw new JWKSetUnavailableException("The issuer's metadata cannot be read: " + e, e);
    }
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
    Map<String, Object> found =
        JSONObjectUtils.parse(http.retrieveResource(URI.create(metadata).toURL()).getContent());
    if (!from.toString().equals(JSONObjectUtils.getString(found, "issuer"))) {
      throw new IOException(metadata + " names another issuer");
    }
    return URI.create(Objects.requireNonNullElse(JSONObjectUtils.getString(found, "jwks_uri"), ""));
  }

  @Override
  public void close() {}
}
