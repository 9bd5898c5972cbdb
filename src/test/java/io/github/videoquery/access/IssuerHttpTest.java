package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.support.ConnectProxy;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.security.KeyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** An issuer behind a private CA, or behind a proxy. */
class IssuerHttpTest {
  private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();
  private DisposableServer server;
  private DisposableServer plain;
  private URI issuer;

  @BeforeEach
  void start() throws Exception {
    X509Bundle ca =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=ca")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .buildIssuedBy(ca);
    SslContext context =
        SslContextBuilder.forServer(
                certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
            .build();
    plain =
        HttpServer.create()
            .host("localhost")
            .port(0)
            .route(
                routes ->
                    routes
                        .get("/keys", (in, out) -> out.sendString(Mono.just("{\"keys\":[]}")))
                        .get("/moved", (in, out) -> out.sendRedirect("/keys")))
            .bindNow();
    String plainKeys = "http://localhost:" + plain.port() + "/keys";
    server =
        HttpServer.create()
            .host("localhost")
            .port(0)
            .secure(spec -> spec.sslContext(context))
            .route(
                routes ->
                    routes
                        .get("/keys", (in, out) -> out.sendString(Mono.just("{\"keys\":[]}")))
                        .get("/moved", (in, out) -> out.sendRedirect("/keys"))
                        .get("/plain", (in, out) -> out.sendRedirect(plainKeys))
                        .get(
                            "/many", (in, out) -> out.sendString(Mono.just("x".repeat(500 * 1024))))
                        .get(
                            "/large",
                            (in, out) -> out.sendString(Mono.just("x".repeat(600 * 1024)))))
            .bindNow();
    issuer = URI.create("https://localhost:" + server.port());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", ca.getCertificate());
    bundles.registerBundle("issuer", SslBundle.of(SslStoreBundle.of(null, null, trusted)));
  }

  @AfterEach
  void stop() {
    server.disposeNow();
    plain.disposeNow();
  }

  private IssuerHttp http(@Nullable String proxy, @Nullable String bundle) {
    return new IssuerHttp(HttpProxy.of(proxy), bundle, "gateway.x", bundles);
  }

  @Test
  void privateCa_isTrusted_byTheBundleAlone() throws Exception {
    assertThat(http(null, "issuer").get(issuer.resolve("/keys"))).asString().contains("keys");
    assertThatThrownBy(() -> http(null, null).get(issuer.resolve("/keys")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> http(null, "unknown"))
        .isInstanceOf(InvalidConfigurationPropertyValueException.class);
  }

  @Test
  void proxy_isUsed() throws Exception {
    try (var proxy = new ConnectProxy()) {
      IssuerHttp through = http("http://127.0.0.1:" + proxy.port(), "issuer");
      assertThat(through.get(issuer.resolve("/keys"))).asString().contains("keys");
    }
    assertThatThrownBy(() -> http("http://127.0.0.1:1", "issuer").get(issuer.resolve("/keys")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void redirect_isFollowed_butNotToPlainHttp() throws Exception {
    IssuerHttp http = http(null, "issuer");

    assertThat(http.get(issuer.resolve("/moved"))).asString().contains("keys");
    assertThatThrownBy(() -> http.get(issuer.resolve("/plain"))).isInstanceOf(IOException.class);
  }

  @Test
  void documentThatIsMissing_orTooLarge_isTold() {
    IssuerHttp http = http(null, "issuer");

    assertThatThrownBy(() -> http.get(issuer.resolve("/none")))
        .isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> http.get(issuer.resolve("/large"))).isInstanceOf(IOException.class);
  }

  @Test
  void documentOfManyKeys_isRead() throws Exception {
    assertThat(http(null, "issuer").get(issuer.resolve("/many"))).hasSize(500 * 1024);
  }

  @Test
  void redirect_isFollowed_fromPlainHttpToPlainHttp() throws Exception {
    URI moved = URI.create("http://localhost:" + plain.port() + "/moved");

    assertThat(http(null, null).get(moved)).asString().contains("keys");
  }
}
