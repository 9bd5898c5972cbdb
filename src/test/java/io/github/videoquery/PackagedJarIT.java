package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.support.GatewayProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The packaged jar, as a process of its own, in front of an upstream that is not ours: nginx
 * serving the example.
 */
@Testcontainers(disabledWithoutDocker = true)
class PackagedJarIT {
  private static final String NGINX =
      """
      log_format seen '$request|$http_authorization|$http_cookie|$http_x_anything';
      server {
        listen 80;
        access_log /dev/stdout seen;
        location = /v1/video/query { default_type application/json; alias /completed.json; }
      }
      """;
  private static final byte[] EXAMPLE = example();
  private static final String QUERY = "/v1/video/query?id=veo3.1-fast:1770350082-trii1OXZc3";

  @Container
  private static final GenericContainer<?> upstream =
      new GenericContainer<>(DockerImageName.parse("nginx:1.29"))
          .withCopyToContainer(Transferable.of(NGINX), "/etc/nginx/conf.d/default.conf")
          .withCopyToContainer(Transferable.of(EXAMPLE), "/completed.json")
          .withExposedPorts(80);

  @TempDir static Path folder;
  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static int port;
  private static int managementPort;
  private static Process gateway;

  @BeforeAll
  static void start() throws IOException {
    port = freePort();
    managementPort = freePort();
    Path key = Files.writeString(folder.resolve("key"), "sk-from-the-file\n");
    gateway =
        jar(
            Map.of(
                "UPSTREAM_BASE_URL",
                "http://" + upstream.getHost() + ":" + upstream.getMappedPort(80),
                "UPSTREAM_API_KEY_FILE",
                key.toString()),
            "--gateway.access.mode=none",
            "--server.port=" + port,
            "--management.server.port=" + managementPort);
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(PackagedJarIT::isReady);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    gateway.destroy();
    assertThat(gateway.waitFor(40, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void script_isKeptForAYear_ifItsVersionIsNamed_andElseLookedAtAnew() throws Exception {
    String page = new String(get("/").body(), StandardCharsets.UTF_8);
    Matcher version = Pattern.compile("board\\.js\\?v=([^\"]+)\"").matcher(page);
    assertThat(version.find()).isTrue();
    String board = "/board.js?v=" + version.group(1);

    assertThat(page).contains("./board.css?v=" + version.group(1));
    assertThat(new String(get(board).body(), StandardCharsets.UTF_8))
        .contains("from './watch.js?v=" + version.group(1) + "';");
    for (String file :
        List.of(board, "/board.css?v=" + version.group(1), "/watch.js?v=" + version.group(1))) {
      assertThat(get(file).headers().firstValue("Cache-Control"))
          .as(file)
          .contains("max-age=31536000, public, immutable");
    }
    assertThat(get("/watch.js").headers().firstValue("Cache-Control")).contains("no-cache");
    assertThat(get("/watch.js?v=0").headers().firstValue("Cache-Control")).contains("no-cache");
  }

  @Test
  void thousandRequests_areAnsweredByteForByte_byOneCall() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      HttpResponse<byte[]> answer =
          get(
              QUERY,
              "Authorization",
              "Bearer callers-own",
              "Cookie",
              "c=callers-own",
              "X-Anything",
              "callers-own");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(EXAMPLE);
    }

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(upstream.getLogs().lines().filter(line -> line.contains("trii1OXZc3")))
                    .singleElement()
                    .asString()
                    .contains(
                        "GET /v1/video/query?id=veo3.1-fast%3A1770350082-trii1OXZc3 HTTP/1.1|Bearer"
                            + " sk-from-the-file|-|-"));
  }

  @Test
  void prometheus_answersOnTheManagementPortOnly() throws Exception {
    get("/v1/video/query?id=veo3:another-task");

    String metrics =
        new String(get(managementPort, "/actuator/prometheus").body(), StandardCharsets.UTF_8);

    assertThat(metrics)
        .contains("http_server_requests_seconds_count")
        .contains("gateway_queries_seconds_count");
    assertThat(get("/actuator/prometheus").statusCode()).isEqualTo(404);
  }

  @Test
  void start_endsWithOneSentence_whenTheKeyIsMissing() throws Exception {
    Path log = folder.resolve("refused.log");
    Process refused =
        GatewayProcess.jar(
            Map.of("UPSTREAM_BASE_URL", "http://127.0.0.1:9"),
            log,
            "--gateway.access.mode=none",
            "--server.port=0");

    assertThat(refused.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(refused.exitValue()).isNotZero();
    assertThat(Files.readString(log))
        .contains("gateway.upstream.api-key is not set.")
        .contains("Set the provider's key: UPSTREAM_API_KEY_FILE=")
        .doesNotContain("\tat ");
  }

  private static boolean isReady() throws IOException, InterruptedException {
    return get(managementPort, "/actuator/health/readiness").statusCode() == 200;
  }

  private static HttpResponse<byte[]> get(String target, String... headers)
      throws IOException, InterruptedException {
    return get(port, target, headers);
  }

  private static HttpResponse<byte[]> get(int port, String target, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
            .timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static Process jar(Map<String, String> environment, String... arguments)
      throws IOException {
    return GatewayProcess.jar(environment, folder.resolve("gateway.log"), arguments);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static byte[] example() {
    try (InputStream in = PackagedJarIT.class.getResourceAsStream("/provider/completed.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
