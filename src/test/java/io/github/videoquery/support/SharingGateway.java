package io.github.videoquery.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.simulation.SimulatedProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.test.util.TestSocketUtils;

/** A packaged gateway, a process of its own, that shares a Redis with others. */
public final class SharingGateway implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final int port = TestSocketUtils.findAvailableTcpPort();
  private final int management = TestSocketUtils.findAvailableTcpPort();

  /**
   * @param redis the settings of the connection to Redis
   */
  public SharingGateway(SimulatedProvider provider, Path folder, String... redis)
      throws IOException {
    this.process =
        GatewayProcess.jar(
            Map.of("UPSTREAM_BASE_URL", provider.baseUrl().toString(), "UPSTREAM_API_KEY", "sk-x"),
            folder.resolve("gateway-" + port + ".log"),
            Stream.concat(
                    Stream.of(
                        "--gateway.access.mode=none",
                        "--gateway.server.drain-delay=0s",
                        "--gateway.server.warm-up=0s",
                        "--gateway.cache.redis.enabled=true",
                        "--server.port=" + port,
                        "--management.server.port=" + management),
                    Stream.of(redis))
                .toArray(String[]::new));
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> send("GET", management, "/actuator/health/readiness").statusCode() == 200);
  }

  /** The id of a task that nobody has asked about. */
  public static String newId() {
    return "veo3:" + Instant.now().getEpochSecond() + "-task" + System.nanoTime();
  }

  /** Asks about a task; it has to be answered. */
  public void ask(String id) throws IOException, InterruptedException {
    assertThat(send("GET", port, "/v1/video/query?id=" + id).statusCode()).isEqualTo(200);
  }

  /** What the endpoint {@code tasks} answers. */
  public String tasks(String method, String id) throws IOException, InterruptedException {
    return send(method, management, "/actuator/tasks?id=" + id).body();
  }

  /** The value of a metric without tags. */
  public double metric(String name) throws IOException, InterruptedException {
    List<String> samples =
        send("GET", management, "/actuator/prometheus")
            .body()
            .lines()
            .filter(line -> line.startsWith(name + " "))
            .toList();
    return Double.parseDouble(samples.getFirst().substring(name.length() + 1));
  }

  private HttpResponse<String> send(String method, int toPort, String path)
      throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + toPort + path);
    return client.send(
        HttpRequest.newBuilder(address).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(40, TimeUnit.SECONDS).join();
    client.close();
  }
}
