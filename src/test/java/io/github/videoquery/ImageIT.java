package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.github.videoquery.chart.ChartTest;
import io.github.videoquery.support.GatewayFixture;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The image as it is shipped, built here: read-only, without capabilities, in 512 MB, as its own
 * user, in front of an nginx on a network of their own.
 */
@Testcontainers(disabledWithoutDocker = true)
class ImageIT {
  static final String IMAGE = "video-query-gateway:test";
  private static final long MEMORY = 512L * 1024 * 1024;
  private static final String NGINX =
      """
      log_format seen '$request|$http_authorization';
      server {
        listen 80;
        access_log /dev/stdout seen;
        location = /v1/video/query { default_type application/json; alias /completed.json; }
      }
      """;
  private static final byte[] EXAMPLE = example();

  @TempDir static Path secrets;
  @TempDir Path folder;

  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static Network network;
  private static GenericContainer<?> upstream;
  private static GenericContainer<?> gateway;

  @BeforeAll
  static void start() throws Exception {
    build();
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(secrets.resolve("key"), "sk-first\n");
    network = Network.newNetwork();
    upstream = upstream();
    upstream.start();
    gateway = gateway();
    gateway.start();
  }

  static void build() throws IOException, InterruptedException {
    Path log = Path.of("target", "docker-build.log");
    Process build =
        new ProcessBuilder("docker", "build", "-t", IMAGE, ".")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(build.waitFor(15, TimeUnit.MINUTES)).isTrue();
    assertThat(build.exitValue()).as("see %s", log).isZero();
  }

  private static GenericContainer<?> upstream() {
    return new GenericContainer<>(DockerImageName.parse("nginx:1.29"))
        .withNetwork(network)
        .withNetworkAliases("provider")
        .withCopyToContainer(Transferable.of(NGINX), "/etc/nginx/conf.d/default.conf")
        .withCopyToContainer(Transferable.of(EXAMPLE), "/completed.json")
        .withExposedPorts(80);
  }

  private static GenericContainer<?> gateway() {
    return new GenericContainer<>(DockerImageName.parse(IMAGE))
        .withNetwork(network)
        .withEnv("UPSTREAM_BASE_URL", "http://provider")
        .withEnv("UPSTREAM_API_KEY_FILE", "/run/secrets/gateway/key")
        .withCommand(
            "--gateway.access.mode=none",
            "--gateway.upstream.response-timeout=2s",
            "--gateway.upstream.call-timeout=4s",
            "--gateway.upstream.dns-max-ttl=1s",
            "--gateway.upstream.max-life-time=2s")
        .withCreateContainerCmdModifier(
            command ->
                Objects.requireNonNullElseGet(command.getHostConfig(), HostConfig::new)
                    .withBinds(Bind.parse(secrets + ":/run/secrets/gateway:ro"))
                    .withReadonlyRootfs(true)
                    .withCapDrop(Capability.ALL)
                    .withMemory(MEMORY)
                    .withMemorySwap(MEMORY))
        .withExposedPorts(8080, 8081)
        .waitingFor(
            Wait.forHttp("/actuator/health/readiness")
                .forPort(8081)
                .withStartupTimeout(Duration.ofMinutes(1)));
  }

  @AfterAll
  static void stop() {
    gateway.stop();
    upstream.stop();
    network.close();
  }

  @Test
  void tasks_areAnsweredByteForByte_andRemembered() throws Exception {
    for (int i = 0; i < 100; i++) {
      HttpResponse<byte[]> answer = get("image-main-job");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(EXAMPLE);
    }

    await().untilAsserted(() -> assertThat(calls("image-main-job")).hasSize(1));
  }

  @Test
  void image_runsAsItsUser_fromItsAotCache_withItsLabels() {
    InspectContainerResponse container = gateway.getContainerInfo();

    assertThat(container.getConfig().getUser()).isEqualTo("10001:10001");
    assertThat(container.getConfig().getLabels())
        .containsEntry("org.opencontainers.image.version", System.getProperty("packaged.version"))
        .containsKeys(
            "org.opencontainers.image.title",
            "org.opencontainers.image.description",
            "org.opencontainers.image.licenses");
    assertThat(gateway.getLogs())
        .contains("Started Video Query Gateway")
        .doesNotContain("[aot]", "Picked up");
  }

  @Test
  void replacedKeyFile_isUsed_withoutARestart() throws Exception {
    get("image-first-key");
    Files.writeString(secrets.resolve("key"), "sk-second\n");

    await()
        .atMost(10, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              get("image-key-" + System.nanoTime());
              assertThat(upstream.getLogs()).contains("Bearer sk-second");
            });
    assertThat(gateway.getLogs()).doesNotContain("sk-first").doesNotContain("sk-second");
  }

  @Test
  void pausedUpstream_leavesMemoryAnswering_andEndsInAProblem() throws Exception {
    get("image-paused");
    var docker = DockerClientFactory.instance().client();
    docker.pauseContainerCmd(upstream.getContainerId()).exec();
    try {
      assertThat(get("image-paused").statusCode()).isEqualTo(200);
      assertThat(get("image-unseen").statusCode()).isEqualTo(504);
    } finally {
      docker.unpauseContainerCmd(upstream.getContainerId()).exec();
    }
    await().untilAsserted(() -> assertThat(get("image-unseen").statusCode()).isEqualTo(200));
  }

  @Test
  void killedUpstream_isReplaced_underTheSameName() throws Exception {
    get("image-killed");
    DockerClientFactory.instance().client().killContainerCmd(upstream.getContainerId()).exec();
    assertThat(get("image-killed").statusCode()).isEqualTo(200);
    assertThat(get("image-nobody-answers").statusCode()).isIn(502, 504);

    GenericContainer<?> killed = upstream;
    upstream = upstream();
    upstream.start();
    killed.stop();

    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(get("image-nobody-answers").statusCode()).isEqualTo(200));
  }

  @Test
  void memory_isHeld_underLoad() throws Exception {
    List<Future<Integer>> answers = new ArrayList<>();
    try (var callers = Executors.newFixedThreadPool(32)) {
      for (int i = 0; i < 60_000; i++) {
        String id = "image-load-" + i % 20_000;
        answers.add(callers.submit(() -> get(id).statusCode()));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get(2, TimeUnit.MINUTES)).isEqualTo(200);
      }
    }

    assertThat(gateway.getCurrentContainerInfo().getState().getOOMKilled()).isFalse();
    assertThat(gateway.getCurrentContainerInfo().getState().getRunning()).isTrue();
  }

  @Test
  void stoppedContainer_completesWhatIsUnderWay() throws Exception {
    try (GenericContainer<?> stopping = gateway()) {
      stopping.start();
      URI url = url(stopping, "veo3:1&wait=60");
      CompletableFuture<HttpResponse<byte[]>> underWay = new CompletableFuture<>();
      var docker = DockerClientFactory.instance().client();
      docker.pauseContainerCmd(upstream.getContainerId()).exec();
      try {
        underWay =
            client.sendAsync(
                HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
        await()
            .untilAsserted(
                () -> assertThat(metrics(stopping)).contains("gateway_waiters{kind=\"wait\"} 1.0"));
      } finally {
        docker.unpauseContainerCmd(upstream.getContainerId()).exec();
      }
      docker.stopContainerCmd(stopping.getContainerId()).withTimeout(40).exec();

      assertThat(underWay.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(stopping.getCurrentContainerInfo().getState().getExitCodeLong()).isEqualTo(143);
    }
  }

  @Test
  void chartsDeployment_startsTheImage_andAnswers() throws Exception {
    Path values =
        Files.writeString(folder.resolve("values.yaml"), "upstream: {baseUrl: http://provider}");
    List<HasMetadata> objects = ChartTest.render(values);
    PodSpec pod = ChartTest.only(objects, Deployment.class).getSpec().getTemplate().getSpec();
    var container = pod.getContainers().getFirst();
    Map<String, String> files =
        Map.of(
            "config", ChartTest.only(objects, ConfigMap.class).getData().get("application.yaml"),
            "upstream", "sk-of-the-chart",
            "clients",
                "clients: [{name: a, keys: ['%s']}]".formatted(GatewayFixture.hash("key-a")));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<Bind> binds = new ArrayList<>();
    Map<String, String> scratch = new HashMap<>();
    for (Volume volume : pod.getVolumes()) {
      String mountPath =
          container.getVolumeMounts().stream()
              .filter(mount -> mount.getName().equals(volume.getName()))
              .findFirst()
              .orElseThrow()
              .getMountPath();
      if (volume.getEmptyDir() != null) {
        scratch.put(mountPath, "mode=1777");
        continue;
      }
      Path mounted = Files.createDirectory(folder.resolve(volume.getName()));
      String name =
          volume.getSecret() == null
              ? "application.yaml"
              : volume.getSecret().getItems().getFirst().getPath();
      Files.writeString(mounted.resolve(name), Objects.requireNonNull(files.get(volume.getName())));
      binds.add(Bind.parse(mounted + ":" + mountPath + ":ro"));
    }
    var rights = container.getSecurityContext();
    long memory =
        Quantity.getAmountInBytes(container.getResources().getLimits().get("memory")).longValue();

    try (GenericContainer<?> deployed =
        new GenericContainer<>(DockerImageName.parse(IMAGE))
            .withNetwork(network)
            .withExposedPorts(8080, 8081)
            .withCreateContainerCmdModifier(
                command -> {
                  command.withUser(
                      pod.getSecurityContext().getRunAsUser()
                          + ":"
                          + pod.getSecurityContext().getRunAsGroup());
                  Objects.requireNonNull(command.getHostConfig())
                      .withBinds(binds)
                      .withTmpFs(scratch)
                      .withReadonlyRootfs(rights.getReadOnlyRootFilesystem())
                      .withCapDrop(
                          rights.getCapabilities().getDrop().stream()
                              .map(Capability::valueOf)
                              .toArray(Capability[]::new))
                      .withMemory(memory)
                      .withMemorySwap(memory);
                })
            .waitingFor(
                Wait.forHttp(container.getReadinessProbe().getHttpGet().getPath())
                    .forPort(8081)
                    .withStartupTimeout(Duration.ofMinutes(1)))) {
      deployed.start();

      HttpRequest.Builder question = HttpRequest.newBuilder(url(deployed, "image-of-the-chart"));
      assertThat(client.send(question.build(), HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(401);
      assertThat(
              client
                  .send(
                      question.header("Authorization", "Bearer key-a").build(),
                      HttpResponse.BodyHandlers.ofByteArray())
                  .body())
          .isEqualTo(EXAMPLE);
      await()
          .untilAsserted(() -> assertThat(upstream.getLogs()).contains("Bearer sk-of-the-chart"));
    }
  }

  private static List<String> calls(String id) {
    return upstream.getLogs().lines().filter(line -> line.contains(id)).toList();
  }

  private static String metrics(GenericContainer<?> container) throws Exception {
    URI uri =
        URI.create(
            "http://%s:%d/actuator/prometheus"
                .formatted(container.getHost(), container.getMappedPort(8081)));
    return new String(send(uri).body(), StandardCharsets.UTF_8);
  }

  private static HttpResponse<byte[]> get(String id) throws IOException, InterruptedException {
    return send(url(gateway, id));
  }

  private static URI url(GenericContainer<?> container, String id) {
    return URI.create(
        "http://%s:%d/v1/video/query?id=%s"
            .formatted(container.getHost(), container.getMappedPort(8080), id));
  }

  private static HttpResponse<byte[]> send(URI uri) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  static byte[] example() {
    try (InputStream in = ImageIT.class.getResourceAsStream("/provider/completed.json")) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
