package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslClosedEngineException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** What the network layer really throws, and what is made of it. */
class UnreachedTest {
  private final Instant now = Instant.now();
  private final X509Bundle ca =
      certificate("ca", builder -> builder.setIsCertificateAuthority(true), null);

  private @Nullable DisposableServer server;
  private @Nullable ServerSocket socket;

  private X509Bundle certificate(
      String name, UnaryOperator<CertificateBuilder> change, @Nullable X509Bundle issuer) {
    try {
      CertificateBuilder builder =
          change.apply(
              new CertificateBuilder()
                  .ecp256()
                  .subject("CN=" + name)
                  .notBefore(now.minusSeconds(86_400))
                  .notAfter(now.plusSeconds(86_400)));
      return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Bundle forLocalhost(UnaryOperator<CertificateBuilder> change) {
    return certificate(
        "localhost", builder -> change.apply(builder.addSanDnsName("localhost")), ca);
  }

  @AfterEach
  void stop() throws IOException {
    if (server != null) {
      server.disposeNow();
    }
    if (socket != null) {
      socket.close();
    }
  }

  private int serve(X509Bundle certificate, UnaryOperator<SslContextBuilder> change)
      throws Exception {
    SslContext context =
        change
            .apply(
                SslContextBuilder.forServer(
                    certificate.getKeyPair().getPrivate(), certificate.getCertificatePath()))
            .build();
    server =
        HttpServer.create()
            .host("localhost")
            .port(0)
            .secure(spec -> spec.sslContext(context))
            .handle(
                (request, response) -> response.sendString(reactor.core.publisher.Mono.just("{}")))
            .bindNow();
    return server.port();
  }

  /** Answers each connection with this text, or hangs up at once where it is empty. */
  private int answer(String text) throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    ServerSocket listening = socket;
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  Socket client = listening.accept();
                  if (text.isEmpty()) {
                    client.close();
                  } else if (!text.equals("silence")) {
                    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                  }
                }
              } catch (IOException closed) {
                // the test is over
              }
            });
    return listening.getLocalPort();
  }

  private static SslContextBuilder trusting(X509Bundle authority) {
    return SslContextBuilder.forClient().trustManager(authority.getCertificate());
  }

  private static HttpClient secured(SslContextBuilder trust) throws Exception {
    SslContext context = trust.build();
    return HttpClient.newConnection().secure(spec -> spec.sslContext(context));
  }

  private static void assertWhy(
      HttpClient client, String address, @Nullable String proxy, Trouble trouble, String sentence) {
    HttpProxy through = HttpProxy.of(proxy);
    HttpClient routed =
        (through == null ? client : through.before(client, Duration.ofMillis(500)))
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 500);
    var error =
        (RuntimeException)
            catchThrowable(
                () ->
                    WebClient.builder()
                        .clientConnector(new ReactorClientHttpConnector(routed))
                        .build()
                        .get()
                        .uri(URI.create(address))
                        .retrieve()
                        .toBodilessEntity()
                        .block(Duration.ofSeconds(20)));
    assertThat(CallFailure.reply(error, through != null))
        .as(() -> String.valueOf(error.getCause()))
        .isInstanceOfSatisfying(
            Unreachable.class, reply -> assertThat(reply.trouble()).isEqualTo(trouble));
    assertThat(
            new Unreached("default", URI.create(address), through)
                .why(trouble, Objects.requireNonNullElse(error.getCause(), error)))
        .contains(sentence)
        .doesNotContain("secret");
  }

  @Test
  void certificate_hasExpired() throws Exception {
    int port = serve(forLocalhost(at -> at.notAfter(now.minusSeconds(60))), tls -> tls);

    assertWhy(
        secured(trusting(ca)),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "The certificate of localhost has expired (NotAfter: ");
  }

  @Test
  void certificate_isNotYetValid() throws Exception {
    int port = serve(forLocalhost(at -> at.notBefore(now.plusSeconds(60))), tls -> tls);

    assertWhy(
        secured(trusting(ca)), "https://localhost:" + port, null, Trouble.TLS, "is not valid yet");
  }

  @Test
  void certificate_isOfAnotherHost() throws Exception {
    X509Bundle other = certificate("other", at -> at.addSanDnsName("other.example"), ca);
    int port = serve(other, tls -> tls);

    assertWhy(
        secured(trusting(ca)),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "The certificate of localhost is not for this host (");
  }

  @Test
  void certificate_isOfAnUnknownIssuer() throws Exception {
    int port = serve(forLocalhost(at -> at), tls -> tls);

    assertWhy(
        HttpClient.newConnection(),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "is not of a trusted CA. Check gateway.upstream.ssl-bundle");
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void clientCertificate_isDemanded(String version) throws Exception {
    int port =
        serve(
            forLocalhost(at -> at),
            tls ->
                tls.clientAuth(ClientAuth.REQUIRE)
                    .trustManager(ca.getCertificate())
                    .protocols(version));

    assertWhy(
        secured(trusting(ca)),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "It may demand a client certificate. Check gateway.upstream.ssl-bundle");
  }

  @Test
  void version_isNotCommon() throws Exception {
    int port = serve(forLocalhost(at -> at), tls -> tls.protocols("TLSv1.3"));

    assertWhy(
        secured(trusting(ca).protocols("TLSv1.2")),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "It may speak another version of TLS only.");
  }

  @Test
  void handshake_isCut() throws Exception {
    assertWhy(
        HttpClient.newConnection(),
        "https://localhost:" + answer(""),
        null,
        Trouble.TLS,
        "The TLS handshake with localhost failed (");
  }

  /** A connection of the pool that its server closed: the call is repeated on a new one. */
  @Test
  void closedConnectionOfThePool_isNoFailureOfTls() {
    var closed =
        new WebClientRequestException(
            new SslClosedEngineException("SSLEngine closed already"),
            HttpMethod.GET,
            URI.create("https://a"),
            HttpHeaders.EMPTY);

    assertThat(CallFailure.reply(closed, false)).isEqualTo(new Unreachable(Trouble.BROKEN));
    assertThat(CallFailure.brokeBeforeAnswer(closed)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"false, CONNECT", "true, PROXY"})
  void network_isUnreachable(boolean isProxied, Trouble trouble) {
    var error =
        new WebClientRequestException(
            new SocketException("Network is unreachable"),
            HttpMethod.GET,
            URI.create("https://a"),
            HttpHeaders.EMPTY);

    assertThat(CallFailure.reply(error, isProxied)).isEqualTo(new Unreachable(trouble));
  }

  @Test
  void certificateOfAnotherKind_isNotSaidToBeOfAnotherHost() {
    assertThat(
            new Unreached("a", URI.create("https://a.example/x"), null)
                .why(Trouble.TLS, new CertificateException("Extended key usage")))
        .isEqualTo("The certificate of a.example cannot be accepted (Extended key usage).");
  }

  @Test
  void settingOfOneAccount_isNamed() {
    assertThat(
            new Unreached("a", URI.create("https://a.example/x"), null)
                .why(Trouble.DNS, new UnknownHostException()))
        .contains("Check base-url of this account, or gateway.upstream.base-url");
  }

  @Test
  void port_speaksNoTls() throws Exception {
    int port = answer("HTTP/1.1 400 Bad Request\r\n\r\n");

    assertWhy(
        HttpClient.newConnection(),
        "https://localhost:" + port,
        null,
        Trouble.TLS,
        "localhost does not speak TLS on this port. Check gateway.upstream.base-url");
  }

  @Test
  void connection_isRefused() throws Exception {
    try (var taken = new Socket()) { // nobody listens there, and nobody else can
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();

      assertWhy(
          HttpClient.newConnection(),
          "http://127.0.0.1:" + port,
          null,
          Trouble.CONNECT,
          "A connection to 127.0.0.1:" + port + " cannot be made. Check gateway.upstream.base-url");
    }
  }

  @Test
  void name_hasNoAddress() {
    assertWhy(
        HttpClient.newConnection(),
        "http://no-such-host.invalid",
        null,
        Trouble.DNS,
        "No address was found for no-such-host.invalid. Check gateway.upstream.base-url");
  }

  @Test
  void connection_breaks() throws Exception {
    assertWhy(
        HttpClient.newConnection(),
        "http://127.0.0.1:" + answer(""),
        null,
        Trouble.BROKEN,
        "break before an answer comes. Check gateway.upstream.base-url: http or https?");
  }

  @ParameterizedTest
  @CsvSource({
    "407 Proxy Authentication Required, answered 407",
    "403 Forbidden, answered 403",
    "502 Bad Gateway, answered 502",
    "silence, does not answer",
    "'', 'cannot be reached, or broke off'",
  })
  void proxy_doesNotConnect(String answer, String why) throws Exception {
    String text =
        answer.isEmpty() || answer.equals("silence")
            ? answer
            : "HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n";
    int port = answer(text);

    assertWhy(
        HttpClient.newConnection(),
        "https://api.example.com",
        "http://user:secret@127.0.0.1:" + port,
        Trouble.PROXY,
        "The proxy 127.0.0.1:" + port + ' ' + why + ". Check gateway.upstream.proxy.");
  }

  @Test
  void proxy_isNotThere() throws Exception {
    int port = answer("");
    Objects.requireNonNull(socket).close();

    assertWhy(
        HttpClient.newConnection(),
        "https://api.example.com",
        "http://127.0.0.1:" + port,
        Trouble.PROXY,
        "cannot be reached, or broke off");
    assertWhy(
        HttpClient.newConnection(),
        "https://api.example.com",
        "http://no-such-proxy.invalid:3128",
        Trouble.PROXY,
        "The proxy no-such-proxy.invalid:3128 cannot be reached, or broke off");
  }
}
