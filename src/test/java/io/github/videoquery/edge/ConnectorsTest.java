package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.RawHttp;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Which targets are understood, and what speaks no HTTP. */
@ExtendWith(OutputCaptureExtension.class)
class ConnectorsTest {
  private final Server server = new Server();
  private int port;

  @BeforeEach
  void start() throws Exception {
    var connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(630_000);
    server.addConnector(connector);
    Connectors.install(server, "/v1/video/query", () -> false);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            response.getHeaders().put("Uri", request.getHttpURI().getPathQuery());
            response.getHeaders().put("Authority", Request.getServerName(request));
            response.getHeaders().put("Content-Length", "0");
            callback.succeeded();
            return true;
          }
        });
    server.start();
    port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void connections_areAcceptedInBursts_andKeepNoHeaderFields() {
    var connector = (ServerConnector) server.getConnectors()[0];
    var http = connector.getConnectionFactory(HttpConnectionFactory.class);

    assertThat(connector.getAcceptQueueSize()).isGreaterThanOrEqualTo(1000);
    assertThat(http.getHttpConfiguration().getHeaderCacheSize()).isZero();
  }

  /** The numbers are promised in docs/operating.md. */
  @Test
  void connections_haveTheTimesOfTheDocuments() {
    var connector = (ServerConnector) server.getConnectors()[0];
    var http = connector.getConnectionFactory(ClientConnections.class);

    assertThat(http.limits).isEqualTo(new ClientConnections.Limits(630_000, 10_000, 10_000));
    assertThat(connector.getIdleTimeout()).isEqualTo(30_000);
  }

  private RawHttp ask(String target) throws Exception {
    return RawHttp.send(port, "GET " + target + " HTTP/1.1\r\nHost: gateway\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/video/query",
        "//v1/video/query",
        "/v1/video/query/",
        "//v1/video/query/",
        "/v1//video/query",
        "///v1/video///query//",
      })
  void spareSlashes_areIgnored_inThePathOfQueries(String path) throws Exception {
    RawHttp answer = ask(path + "?id=a%2Fb//c&wait=3");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).containsEntry("uri", "/v1/video/query?id=a%2Fb//c&wait=3");
  }

  @ParameterizedTest
  @CsvSource({
    "//v1/video/query;x=1, 400",
    "//v1%2Fvideo/query, 400",
    "/v1%2Fvideo/query, 400",
    "//v1/../v1/video/query, 400",
    "//%2e%2e/v1/video/query, 400",
    "//v1/video/other, 400",
    "/v1/video/query/x, 200",
    "/v1/video/other/, 200",
    "//, 400",
  })
  void otherPaths_areAsBefore(String path, int status) throws Exception {
    RawHttp answer = ask(path);

    assertThat(answer.status()).isEqualTo(status);
    if (status == 200) {
      assertThat(answer.headers()).containsEntry("uri", path);
    }
  }

  /** RFC 9112, section 3.2.2. */
  @Test
  void authorityOfAnAbsoluteTarget_counts_whateverHostSays() throws Exception {
    RawHttp answer = ask("http://other.example//v1/video/query?id=a");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers())
        .containsEntry("authority", "other.example")
        .containsEntry("uri", "/v1/video/query?id=a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\r\n\0\r\nQUIT\n!\u0011\0\f123456789012GET / HTTP/1.1\r\nHost: x\r\n\r\n"
      })
  void proxyProtocol_isNamed_onceAMinute(String request, CapturedOutput output) throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(RawHttp.send(port, request).status()).isEqualTo(400);
    }

    assertThat(output.getAll()).containsOnlyOnce("A proxy speaks the PROXY protocol");
  }

  @Test
  void plainRequest_isNoProxyProtocol(CapturedOutput output) throws Exception {
    RawHttp.send(port, "PROXY /v1/video/query HTTP/1.1\r\nHost: x\r\n\r\n");
    RawHttp.send(port, "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");

    assertThat(output.getAll()).doesNotContain("PROXY protocol");
  }
}
