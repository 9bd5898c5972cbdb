package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.task.Sha256;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;
import tools.jackson.databind.json.JsonMapper;

/** The nginx file of docs/creating.md: clients create tasks and query them at one address. */
@Testcontainers(disabledWithoutDocker = true)
class CreatingTasksIT {
  private static final String PROVIDER_KEY = "sk-upstream-0123456789";

  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir Path folder;

  @Test
  void task_isCreated_andAwaited_throughOneAddress() throws Exception {
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients:\n" + client("creator", "creators-key") + client("reader", "readers-key"));
    try (SimulatedProvider provider = SimulatedProvider.start(0, InstantSource.system(), 60);
        var gateway =
            GatewayFixture.startInRealTime(
                "gateway.upstream.base-url=" + provider.baseUrl(),
                "gateway.upstream.api-key=" + PROVIDER_KEY,
                "gateway.access.mode=api-key",
                "gateway.access.clients-file=" + clients)) {
      int port = freePort();
      try (GenericContainer<?> nginx = nginx(port, gateway.port(), provider.baseUrl())) {
        nginx.start();
        URI base = URI.create("http://127.0.0.1:" + port);

        assertThat(create(base, "nobodys-key").statusCode()).isEqualTo(401);
        assertThat(create(base, "readers-key").statusCode()).isEqualTo(401);
        HttpResponse<String> created = create(base, "creators-key");
        assertThat(created.statusCode()).isEqualTo(200);
        String id = new JsonMapper().readTree(created.body()).get("id").asString();
        assertThat(provider.callsWithKey(PROVIDER_KEY)).isEqualTo(1);
        assertThat(provider.callsWithKey("creators-key")).isZero();

        HttpResponse<String> finished = query(base, id, "readers-key");
        assertThat(finished.statusCode()).isEqualTo(200);
        assertThat(finished.body()).contains("\"completed\"", id);
        assertThat(finished.headers().firstValue("Cache-Status")).isPresent();
        assertThat(query(base, id, "nobodys-key").statusCode()).isEqualTo(401);
      }
    }
  }

  private static String client(String name, String key) {
    String hash = HexFormat.of().formatHex(Sha256.of(key.getBytes(StandardCharsets.UTF_8)));
    return "  - {name: %s, keys: [\"sha256:%s\"]}\n".formatted(name, hash);
  }

  private HttpResponse<String> create(URI base, String key) throws Exception {
    return send(
        HttpRequest.newBuilder(base.resolve("/v1/video/create"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"veo3.1-fast\"}")),
        key);
  }

  private HttpResponse<String> query(URI base, String id, String key) throws Exception {
    return send(HttpRequest.newBuilder(base.resolve("/v1/video/query?wait=25&id=" + id)), key);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, String key) throws Exception {
    return client.send(
        request.setHeader("Authorization", "Bearer " + key).timeout(Duration.ofSeconds(40)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static GenericContainer<?> nginx(int port, int gateway, URI provider) throws Exception {
    String file =
        Pattern.compile("```nginx\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/creating.md")))
            .results()
            .map((MatchResult block) -> block.group(1))
            .findFirst()
            .orElseThrow()
            .replace("listen 8080", "listen 127.0.0.1:" + port)
            .replace("server gateway:8080", "server 127.0.0.1:" + gateway)
            .replace("https://api.example.com", provider.toString());
    return new GenericContainer<>(DockerImageName.parse("nginx:1.29"))
        .withNetworkMode("host") // gateway and provider listen on this machine
        .withCopyToContainer(Transferable.of(file), "/etc/nginx/conf.d/default.conf")
        .withCopyToContainer(
            Transferable.of("\"~^Bearer creators-key$\" creator;\n"), "/etc/nginx/creators.map")
        .withCopyToContainer(
            Transferable.of("default \"Bearer " + PROVIDER_KEY + "\";\n"),
            "/etc/nginx/provider-key.map")
        .waitingFor(Wait.forLogMessage(".*start worker process.*", 1));
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
