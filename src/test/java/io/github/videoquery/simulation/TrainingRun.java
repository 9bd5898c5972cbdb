package io.github.videoquery.simulation;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Runs a gateway on 127.0.0.1:8080 and asks it what callers ask, so that a JVM told to make an AOT
 * cache learns from real requests: {@code java -cp … TrainingRun java -XX:AOTCacheOutput=… -jar
 * packaged.jar}.
 */
public final class TrainingRun {
  private static final int CALLERS = 8;
  private static final int ROUNDS = 300;
  private static final String EVENTS = "text/event-stream";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String KEY = "training-key";
  private static final URI GATEWAY = URI.create("http://127.0.0.1:8080");
  private static final URI READINESS =
      URI.create("http://127.0.0.1:8081/actuator/health/readiness");
  private static final URI METRICS = URI.create("http://127.0.0.1:8081/actuator/prometheus");

  private final HttpClient client = HttpClient.newHttpClient();

  private TrainingRun() {}

  /**
   * @param command what starts the gateway
   * @throws IllegalStateException if the gateway does not become ready within 2 minutes, gives
   *     another answer than expected, or does not stop
   */
  public static void main(String[] command)
      throws IOException, InterruptedException, NoSuchAlgorithmException {
    Path folder = Files.createTempDirectory("training");
    Path clients = folder.resolve("clients.yaml");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(KEY.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        clients,
        "clients: [{name: training, keys: ['sha256:%s'], rate: {per-second: 1e6, burst: 1e6}}]"
            .formatted(HexFormat.of().formatHex(hash)));
    Path key = Files.writeString(folder.resolve("upstream-key"), "sk-simulated");
    try (SimulatedProvider provider = SimulatedProvider.start(0, InstantSource.system(), 5)) {
      ProcessBuilder builder = new ProcessBuilder(List.of(command)).inheritIO();
      builder.environment().put("UPSTREAM_BASE_URL", provider.baseUrl().toString());
      builder.environment().put("UPSTREAM_API_KEY_FILE", key.toString());
      builder.environment().put("GATEWAY_ACCESS_CLIENTS_FILE", clients.toString());
      builder.environment().put("GATEWAY_SERVER_DRAIN_DELAY", "0s");
      Process gateway = builder.start();
      try {
        new TrainingRun().ask(gateway);
        gateway.destroy();
        if (!gateway.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException("The gateway did not stop.");
        }
      } finally {
        gateway.destroyForcibly();
      }
    }
  }

  private void ask(Process gateway) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!isReady()) {
      if (!gateway.isAlive() || Instant.now().isAfter(end)) {
        throw new IllegalStateException("The gateway did not become ready.");
      }
      gateway.waitFor(100, TimeUnit.MILLISECONDS);
    }
    long now = Instant.now().getEpochSecond();
    String finished = "veo3.1-fast:%d-finished".formatted(now - 600);
    String etag = get(200, finished).headers().firstValue("ETag").orElseThrow();
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        String suffix = "-" + caller + "-";
        all.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < ROUNDS; i++) {
                    askOnce(now, suffix + i, finished, etag);
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    get(401, finished, "Authorization", "Bearer nobody's");
    send(METRICS, 200);
  }

  /** Each kind of a query, most of them as often as the first minute of a pod has them. */
  private void askOnce(long now, String suffix, String finished, String etag)
      throws IOException, InterruptedException {
    get(200, finished);
    get(200, finished, "Accept-Encoding", "gzip");
    get(304, finished, "If-None-Match", etag);
    get(200, "veo3:" + now + suffix);
    get(200, "sora-2:" + (now - 900) + suffix);
    if (suffix.endsWith("0")) {
      get(404, "veo3:" + now + "-unknown" + suffix);
      get(502, "sim:html");
      get(400, "");
      get(200, finished, "Accept", EVENTS);
      get(200, finished + "&id=sora-2:" + (now - 900) + "-many" + suffix, "Accept", EVENTS);
    }
    if (suffix.endsWith("00")) {
      get(200, "veo3:" + now + "-waiting" + suffix + "&wait=1");
      get(200, "veo3.1-fast:" + (now - 55) + "-watched" + suffix, "Accept", EVENTS);
    }
  }

  private boolean isReady() throws InterruptedException {
    try {
      return client
              .send(HttpRequest.newBuilder(READINESS).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException _) {
      return false;
    }
  }

  private HttpResponse<byte[]> get(int status, String id, String... headers)
      throws IOException, InterruptedException {
    return send(GATEWAY.resolve("/v1/video/query?id=" + id), status, headers);
  }

  private HttpResponse<byte[]> send(URI uri, int status, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Authorization", "Bearer " + KEY);
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    var answer = client.send(request.build(), BodyHandlers.ofByteArray());
    if (answer.statusCode() != status) {
      throw new IllegalStateException(
          "%s answered %d, not %d".formatted(uri, answer.statusCode(), status));
    }
    return answer;
  }
}
