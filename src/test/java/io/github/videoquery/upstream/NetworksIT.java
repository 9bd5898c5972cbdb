package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.videoquery.support.GatewayFixture;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The ways to a provider: through a forward proxy (Squid), with a private CA and a client
 * certificate (nginx), and by IPv6.
 */
@Testcontainers(disabledWithoutDocker = true)
@ExtendWith(OutputCaptureExtension.class)
class NetworksIT {
  private static final String PROVIDER =
      """
      server {
        listen 80;
        location = /v1/video/query { default_type application/json; return 200 '{"status":"queued"}'; }
      }
      server {
        listen 443 ssl;
        ssl_certificate /tls/server.crt;
        ssl_certificate_key /tls/server.key;
        ssl_client_certificate /tls/ca.crt;
        ssl_verify_client on;
        location = /v1/video/query { default_type application/json; return 200 '{"status":"queued"}'; }
      }
      """;
  private static final String PROXY =
      """
      visible_hostname proxy
      http_port 3128
      pid_filename none
      cache deny all
      access_log stdio:/var/log/squid/access.log
      buffered_logs off
      auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/users
      acl known proxy_auth REQUIRED
      http_access allow known
      http_access deny all
      """;

  /** The user gateway with the password pr0xy@secret. */
  private static final String USERS = "gateway:$apr1$gateway0$Yu8UQ4LwUnsxAsoTGxRPw.\n";

  @TempDir static Path tls;
  private static X509Bundle authority;
  private static Network network;
  private static GenericContainer<?> provider;
  private static GenericContainer<?> proxy;

  @BeforeAll
  static void start() throws Exception {
    authority = authority("CN=Private CA");
    X509Bundle server =
        new CertificateBuilder()
            .subject("CN=provider")
            .addSanDnsName("provider")
            .addSanDnsName("localhost")
            .buildIssuedBy(authority);
    network = Network.newNetwork();
    provider =
        new GenericContainer<>(DockerImageName.parse("nginx:1.29"))
            .withNetwork(network)
            .withNetworkAliases("provider")
            .withCopyToContainer(Transferable.of(PROVIDER), "/etc/nginx/conf.d/default.conf")
            .withCopyToContainer(Transferable.of(server.getCertificatePathPEM()), "/tls/server.crt")
            .withCopyToContainer(Transferable.of(server.getPrivateKeyPEM()), "/tls/server.key")
            .withCopyToContainer(Transferable.of(authority.getCertificatePEM()), "/tls/ca.crt")
            .withExposedPorts(80, 443);
    provider.start();
    proxy =
        new GenericContainer<>(DockerImageName.parse("ubuntu/squid:latest"))
            .withNetwork(network)
            .withCopyToContainer(Transferable.of(PROXY), "/etc/squid/squid.conf")
            .withCopyToContainer(Transferable.of(USERS), "/etc/squid/users")
            .withExposedPorts(3128);
    proxy.start();
  }

  @AfterAll
  static void stop() {
    proxy.stop();
    provider.stop();
    network.close();
  }

  @Test
  void proxyWithCredentials_isCalledThrough_andKnowsTheName(CapturedOutput output)
      throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.base-url=http://provider",
            "gateway.upstream.proxy=" + proxy("pr0xy%40secret"))) {
      assertThat(ask(gateway)).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(proxyLog()).contains("CONNECT provider:80"));
    assertThat(output.getAll()).doesNotContain("secret");
  }

  @Test
  void proxyThatRefuses_isAProblemOfTheProvidersSide_andItsPasswordIsNotTold(CapturedOutput output)
      throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.base-url=http://provider",
            "gateway.upstream.proxy=" + proxy("wrong-secret"))) {
      HttpResponse<byte[]> answer = gateway.get("id=veo3:task");

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("upstream-error");
    }
    assertThat(output.getAll()).doesNotContain("secret");
  }

  @Test
  void clientCertificate_isShown_toAProviderOfAPrivateAuthority_alsoThroughTheProxy()
      throws Exception {
    Path folder = bundle("through-proxy", authority);
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            secured(
                folder, "https://provider", "gateway.upstream.proxy=" + proxy("pr0xy%40secret")))) {
      assertThat(ask(gateway)).isEqualTo(200);
    }
  }

  @Test
  void replacedCertificate_isUsed() throws Exception {
    Path folder = bundle("replaced", authority("CN=Nobody's CA"));
    try (GatewayFixture gateway = GatewayFixture.startInRealTime(secured(folder, provider(443)))) {
      assertThat(ask(gateway)).isEqualTo(502);

      bundle("replaced", authority);

      await().atMost(30, TimeUnit.SECONDS).until(() -> ask(gateway) == 200);
    }
  }

  @Test
  void providerOfAnUnknownAuthority_orOfAnotherName_isNotTalkedTo() throws Exception {
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime("gateway.upstream.base-url=" + provider(443))) {
      assertThat(ask(gateway)).isEqualTo(502);
    }
    Path folder = bundle("another-name", authority);
    String byAddress = provider(443).replace("localhost", "127.0.0.1");
    try (GatewayFixture gateway = GatewayFixture.startInRealTime(secured(folder, byAddress))) {
      assertThat(ask(gateway)).isEqualTo(502);
    }
  }

  @Test
  void providerAtAnIpv6Address_isReached() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getAllByName("::1")[0], 0), 0);
    server.createContext(
        "/v1/video/query",
        exchange -> {
          byte[] body = "{\"status\":\"queued\"}".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try (GatewayFixture gateway =
        GatewayFixture.startInRealTime(
            "gateway.upstream.base-url=http://[::1]:" + server.getAddress().getPort())) {
      assertThat(ask(gateway)).isEqualTo(200);
    } finally {
      server.stop(0);
    }
  }

  /** A tunnel's line is written when it ends. */
  private static String proxyLog() throws Exception {
    return proxy.execInContainer("cat", "/var/log/squid/access.log").getStdout();
  }

  private static int ask(GatewayFixture gateway) throws Exception {
    return gateway.get("id=veo3:task-" + System.nanoTime()).statusCode();
  }

  private static String provider(int port) {
    return "https://localhost:" + provider.getMappedPort(port);
  }

  private static String proxy(String password) {
    return "http://gateway:" + password + "@localhost:" + proxy.getMappedPort(3128);
  }

  private static String[] secured(Path folder, String baseUrl, String... more) {
    var settings =
        Map.of(
            "gateway.upstream.base-url",
            baseUrl,
            "gateway.upstream.ssl-bundle",
            "provider",
            "spring.ssl.bundle.watch.file.quiet-period",
            "200ms",
            "spring.ssl.bundle.pem.provider.reload-on-update",
            "true",
            "spring.ssl.bundle.pem.provider.truststore.certificate",
            folder + "/ca.crt",
            "spring.ssl.bundle.pem.provider.keystore.certificate",
            folder + "/tls.crt",
            "spring.ssl.bundle.pem.provider.keystore.private-key",
            folder + "/tls.key");
    return Stream.concat(
            settings.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  /** A client's certificate of this authority, and the provider's authority to trust. */
  private static Path bundle(String name, X509Bundle issuer) throws Exception {
    X509Bundle client = new CertificateBuilder().subject("CN=gateway").buildIssuedBy(issuer);
    Path folder = Files.createDirectories(tls.resolve(name));
    Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
    Files.writeString(folder.resolve("tls.key"), client.getPrivateKeyPEM());
    Files.writeString(folder.resolve("tls.crt"), client.getCertificatePEM());
    return folder;
  }

  private static X509Bundle authority(String subject) throws Exception {
    return new CertificateBuilder()
        .subject(subject)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }
}
