package io.github.videoquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** Two containers of the shipped image behind nginx, restarted in turn under load. */
@Testcontainers(disabledWithoutDocker = true)
class RollingRestartIT {
  private static final String PROVIDER =
      """
      map $arg_id $answer { default /completed.json; ~way /unfinished.json; }
      server {
        listen 80;
        location = /v1/video/query { rewrite ^ $answer last; }
        location / { internal; root /answers; types { } default_type application/json; }
      }
      """;
  private static final String BALANCER =
      """
      upstream gateways { server gateway-1:8080 max_fails=0; server gateway-2:8080 max_fails=0; keepalive 64; }
      server {
        listen 80;
        location = /ready-1 { proxy_pass http://gateway-1:8081/actuator/health/readiness; }
        location = /ready-2 { proxy_pass http://gateway-2:8081/actuator/health/readiness; }
        location / {
          proxy_pass http://gateways;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_read_timeout 75s;
        }
      }
      """;
  private static final int PER_SECOND = 500;

  /** Fewer than the balancer has room for; with more to ask, questions wait for one. */
  private static final int CONNECTIONS = 200;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private URI base = URI.create("http://localhost"); // the balancer, once it is there

  @BeforeAll
  static void build() throws Exception {
    ImageIT.build();
  }

  @Test
  void rollingRestart_failsNoRequest_andWaitsAndStreamsResume() throws Exception {
    String example = new String(ImageIT.example(), StandardCharsets.UTF_8);
    String unfinished = example.replace("\"completed\"", "\"video_generating\"");
    try (Network network = Network.newNetwork();
        GenericContainer<?> provider =
            nginx(network, "provider", PROVIDER)
                .withCopyToContainer(Transferable.of(example), "/answers/completed.json")
                .withCopyToContainer(Transferable.of(unfinished), "/answers/unfinished.json");
        GenericContainer<?> first = gateway(network, "gateway-1");
        GenericContainer<?> second = gateway(network, "gateway-2");
        GenericContainer<?> balancer = nginx(network, "balancer", BALANCER)) {
      provider.start();
      first.start();
      second.start();
      balancer.start();
      base = URI.create("http://" + balancer.getHost() + ":" + balancer.getMappedPort(80));

      var stop = new AtomicBoolean();
      Queue<Integer> plain = new ConcurrentLinkedQueue<>();
      Queue<Integer> waits = new ConcurrentLinkedQueue<>();
      var streams = new AtomicInteger();
      var events = new AtomicInteger();
      double perSecond;
      try (var callers = Executors.newFixedThreadPool(CONNECTIONS);
          var pace = Executors.newSingleThreadScheduledExecutor()) {
        Queue<Future<?>> running = new ConcurrentLinkedQueue<>();
        long start = System.nanoTime();
        var asked = new AtomicInteger();
        var _ =
            pace.scheduleAtFixedRate(
                () -> {
                  int i = asked.getAndIncrement();
                  String id = i % 3 == 0 ? "way-" + i % 20 : "finished-" + i % 2500;
                  running.add(callers.submit(() -> plain.add(status("?id=veo3:" + id))));
                },
                0,
                TimeUnit.SECONDS.toMicros(1) / PER_SECOND,
                TimeUnit.MICROSECONDS);
        running.add(
            callers.submit(
                () -> {
                  while (!stop.get()) {
                    waits.add(status("?id=veo3:way-wait&wait=3"));
                  }
                  return null;
                }));
        running.add(
            callers.submit(
                () -> {
                  while (!stop.get()) {
                    streams.incrementAndGet();
                    events.addAndGet(statusEvents(stop));
                  }
                  return null;
                }));

        await().atMost(60, TimeUnit.SECONDS).until(() -> plain.size() > 1000);
        restart(first, "/ready-1");
        restart(second, "/ready-2");
        int before = plain.size();
        await()
            .atMost(60, TimeUnit.SECONDS)
            .until(() -> plain.size() > before + 1000 && asked.get() - plain.size() < PER_SECOND);
        perSecond = plain.size() / ((System.nanoTime() - start) / 1e9);
        pace.shutdownNow();
        stop.set(true);
        for (Future<?> caller : running) {
          caller.get(60, TimeUnit.SECONDS);
        }
      }
      assertThat(plain).hasSizeGreaterThan(2000).containsOnly(200);
      assertThat(perSecond).as("answers a second").isGreaterThan(PER_SECOND * 0.9);
      assertThat(waits).isNotEmpty().containsOnly(200);
      assertThat(streams).hasValueGreaterThan(1);
      assertThat(events).hasValueGreaterThanOrEqualTo(streams.get() - 1);
    }
  }

  private void restart(GenericContainer<?> gateway, String readiness) {
    DockerClientFactory.instance()
        .client()
        .restartContainerCmd(gateway.getContainerId())
        .withTimeout(40)
        .exec();
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> send(base.resolve(readiness)).statusCode() == 200);
  }

  private int status(String question) throws Exception {
    return send(base.resolve("/v1/video/query" + question)).statusCode();
  }

  private HttpResponse<byte[]> send(URI uri) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Reads one stream until it ends or is no longer wanted; a broken one is an error. */
  private int statusEvents(AtomicBoolean stop) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/video/query?id=veo3:way-stream"))
            .header("Accept", "text/event-stream")
            .build();
    HttpResponse<InputStream> stream =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    var text = new StringBuilder();
    try (InputStream body = stream.body()) {
      byte[] part = new byte[4096];
      for (int n = body.read(part); n >= 0 && !stop.get(); n = body.read(part)) {
        text.append(new String(part, 0, n, StandardCharsets.US_ASCII));
      }
    }
    return text.indexOf("event: status") >= 0 ? 1 : 0;
  }

  private static GenericContainer<?> nginx(Network network, String name, String configuration) {
    return new GenericContainer<>(DockerImageName.parse("nginx:1.29"))
        .withNetwork(network)
        .withNetworkAliases(name)
        .withCopyToContainer(
            Transferable.of(
                "events { worker_connections 8192; } http { access_log off; %s }"
                    .formatted(configuration)),
            "/etc/nginx/nginx.conf")
        .withExposedPorts(80);
  }

  private static GenericContainer<?> gateway(Network network, String name) {
    return new GenericContainer<>(DockerImageName.parse(ImageIT.IMAGE))
        .withNetwork(network)
        .withNetworkAliases(name)
        .withEnv("UPSTREAM_BASE_URL", "http://provider")
        .withEnv("UPSTREAM_API_KEY", "sk-x")
        .withCommand("--gateway.access.mode=none")
        .withExposedPorts(8080, 8081)
        .waitingFor(Wait.forHttp("/actuator/health/readiness").forPort(8081));
  }
}
