package io.github.videoquery.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.videoquery.simulation.Behaviour;
import io.github.videoquery.support.GatewayFixture;
import io.github.videoquery.support.GatewayProcess;
import io.github.videoquery.support.Relay;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of docs/in-front.md, each before two replicas. */
class InFrontIT {
  private static final String QUEUED = "{\"status\":\"queued\"}";
  private static final String DRAWING = "{\"status\":\"drawing\"}";
  private static final String FINISHED =
      "{\"status\":\"completed\",\"video_url\":\"https://a.example/v.mp4\"}";

  @TempDir static Path folder;
  private static GatewayFixture one;
  private static GatewayFixture two;
  private static int publicPort;
  private static int managementPort;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private int port;

  enum Proxy {
    NGINX("nginx", "nginx"),
    HAPROXY("HAProxy", "haproxy"),
    APACHE("Apache", "apache2"),
    VARNISH("Varnish", "varnishd"),
    CADDY("Caddy", "caddy"),
    TRAEFIK("Traefik", "traefik"),
    ENVOY("Envoy", "envoy");

    private final String section;
    private final String program;

    Proxy(String section, String program) {
      this.section = section;
      this.program = program;
    }

    /** Whether Debian has it, so that it is to be had wherever this project is built. */
    boolean isOfDebian() {
      return EnumSet.of(NGINX, HAPROXY, APACHE, VARNISH).contains(this);
    }

    Optional<Path> installed() {
      return Stream.concat(
              Arrays.stream(System.getenv("PATH").split(File.pathSeparator)),
              Stream.of("/usr/sbin"))
          .map(path -> Path.of(path, program))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }

  static List<Proxy> proxies() {
    return Arrays.stream(Proxy.values())
        .filter(proxy -> proxy.isOfDebian() || proxy.installed().isPresent())
        .toList();
  }

  @BeforeAll
  static void start() throws Exception {
    publicPort = freePort();
    managementPort = freePort();
    Path clients =
        Files.writeString(
            folder.resolve("clients.yaml"),
            "clients: [{name: a, keys: [\"%s\"]}, {name: b, keys: [\"%s\"], models: []}]"
                .formatted(GatewayFixture.hash("key-a"), GatewayFixture.hash("key-b")));
    one = gateway("127.0.0.2", clients);
    two = gateway("127.0.0.3", clients, "gateway.upstream.base-url=" + one.provider.baseUrl());
  }

  private static GatewayFixture gateway(String address, Path clients, String... more) {
    return GatewayFixture.startInRealTime(settings(address, clients, more));
  }

  private static String[] settings(String address, Path clients, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "server.address=" + address,
                "server.port=" + publicPort,
                "management.server.address=" + address,
                "management.server.port=" + managementPort,
                "gateway.access.mode=api-key",
                "gateway.access.clients-file=" + clients,
                "gateway.cache.unfinished-ttl=1s"));
    settings.addAll(List.of(more));
    return settings.toArray(String[]::new);
  }

  @AfterAll
  static void stop() {
    two.close();
    one.close();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @MethodSource("proxies")
  void gateway_isReached_asItWouldBeWithoutTheProxy(Proxy proxy) throws Exception {
    Optional<Path> program = proxy.installed();
    assumeTrue(program.isPresent(), proxy.program + " is not installed");
    port = freePort();
    Path place = Files.createDirectory(folder.resolve(proxy.program));
    List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString()));
    command.addAll(arguments(proxy, place, file(proxy, place)));
    Process process =
        new ProcessBuilder(command)
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(place.resolve("log").toFile())
            .start();
    try {
      String id = "proxied:" + proxy.program;
      one.provider.answer(id + "-done", Behaviour.json(FINISHED));
      await(proxy.program)
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> get("id=" + id + "-done", "key-a").statusCode() == 200);
      keysAndTagsPass(id + "-done");
      waitsAreToldTheNews_sideBySide(id + "-wait");
      streamIsNotHeldBack(proxy, id + "-watch");
    } catch (Throwable failure) {
      throw new AssertionError(Files.readString(place.resolve("log")), failure);
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /**
   * Twenty requests a second through each proxy, while one of two replicas is stopped: a process,
   * since the end of a process closes what a stop leaves open.
   */
  @Test
  void stopOfAReplica_losesNoRequest() throws Exception {
    one.provider.answer("stopping", Behaviour.json(FINISHED));
    List<Process> processes = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    Process three =
        GatewayProcess.jar(
            Map.of(),
            folder.resolve("three"),
            GatewayFixture.arguments(
                one.provider.baseUrl(),
                settings(
                    "127.0.0.4",
                    folder.resolve("clients.yaml"),
                    "gateway.server.drain-delay=5s",
                    "gateway.server.warm-up=0s")));
    processes.add(three);
    try {
      URI readiness =
          URI.create("http://127.0.0.4:" + managementPort + "/actuator/health/readiness");
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(
              () ->
                  client
                          .send(
                              HttpRequest.newBuilder(readiness).build(),
                              HttpResponse.BodyHandlers.discarding())
                          .statusCode()
                      == 200);
      for (Proxy proxy : List.of(Proxy.NGINX, Proxy.HAPROXY)) {
        Optional<Path> program = proxy.installed();
        assumeTrue(program.isPresent(), proxy.program + " is not installed");
        port = freePort();
        ports.add(port);
        Path place = Files.createDirectory(folder.resolve(proxy.program + "-stop"));
        Path file = file(proxy, place);
        Files.writeString(file, Files.readString(file).replace("127.0.0.3", "127.0.0.4"));
        List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString()));
        command.addAll(arguments(proxy, place, file));
        processes.add(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(place.resolve("log").toFile())
                .start());
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> get("id=stopping", "key-a").statusCode() == 200);
      }
      three.destroy();
      Map<Integer, Integer> statuses = new TreeMap<>();
      var after = new CountDownLatch(40);
      try (var pace = Executors.newSingleThreadScheduledExecutor()) {
        var asking =
            pace.scheduleAtFixedRate(
                () -> {
                  for (int through : ports) {
                    port = through;
                    statuses.merge(status("id=stopping"), 1, Integer::sum);
                  }
                  if (!three.isAlive()) {
                    after.countDown();
                  }
                },
                0,
                50,
                TimeUnit.MILLISECONDS);
        assertThat(after.await(2, TimeUnit.MINUTES)).isTrue();
        asking.cancel(false);
      }
      assertThat(statuses).containsOnlyKeys(200);
      assertThat(statuses.get(200)).isGreaterThan(100);
    } finally {
      for (Process process : processes) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
      }
    }
  }

  /**
   * The proxy closes idle connections after 1 s, and repeats no request. A slow connection makes
   * the moment long in which one side closes while the other writes.
   */
  @ParameterizedTest
  @EnumSource(names = {"NGINX", "HAPROXY"})
  void poolOfAProxy_losesNoRequest_aroundItsIdleTimeout(Proxy proxy) throws Exception {
    Optional<Path> program = proxy.installed();
    assumeTrue(program.isPresent(), proxy.program + " is not installed");
    port = freePort();
    Path place = Files.createDirectory(folder.resolve(proxy.program + "-pool"));
    Path file = place.resolve("configuration");
    List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString()));
    command.addAll(arguments(proxy, place, file));
    try (GatewayFixture gateway = GatewayFixture.startInRealTime();
        var relay = new Relay(gateway.port(), Duration.ofMillis(20));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      gateway.provider.answer("pooled", Behaviour.json(FINISHED));
      Files.writeString(file, poolOnly(proxy, "127.0.0.1:" + relay.port()));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(place.resolve("log").toFile())
              .start();
      try {
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> get("id=pooled", "key-a").statusCode() == 200);
        List<Future<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) { // 60 connections, each used again around the timeout
          long pause = TimeUnit.MILLISECONDS.toNanos((940L + i % 60 * 2L) * (i / 60));
          answers.add(
              CompletableFuture.supplyAsync(
                  () -> status("id=pooled"),
                  CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, callers)));
        }
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (Future<Integer> answer : answers) {
          statuses.merge(answer.get(30, TimeUnit.SECONDS), 1, Integer::sum);
        }
        assertThat(statuses).containsOnly(Map.entry(200, 300));
      } finally {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
      }
    }
  }

  /** A proxy that only keeps connections; the document's also repeats what was lost. */
  private String poolOnly(Proxy proxy, String server) {
    return proxy == Proxy.NGINX
        ? """
        events {}
        http {
          access_log off;
          upstream gateway { server %s; keepalive 64; keepalive_timeout 1s; }
          server {
            listen 127.0.0.1:%d;
            location / {
              proxy_pass http://gateway;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_next_upstream off;
            }
          }
        }
        """
            .formatted(server, port)
        : """
        defaults
          mode http
          timeout connect 5s
          timeout client 60s
          timeout server 60s
          retries 0
          http-reuse always
        frontend here
          bind 127.0.0.1:%d
          default_backend gateway
        backend gateway
          server one %s pool-purge-delay 1s
        """
            .formatted(port, server);
  }

  private void keysAndTagsPass(String id) throws Exception {
    HttpResponse<String> answer = get("id=" + id, "key-a", "X-Request-Id", "abc-1");
    String tag = answer.headers().firstValue("ETag").orElseThrow();

    assertThat(answer.body()).isEqualTo(FINISHED);
    assertThat(answer.headers().firstValue("X-Request-Id")).contains("abc-1");
    assertThat(get("id=" + id, "key-b").statusCode()).as("another client's key").isEqualTo(403);
    assertThat(get("id=" + id, "wrong").statusCode()).isEqualTo(401);
    assertThat(get("id=" + id, "key-a", "If-None-Match", tag).statusCode()).isEqualTo(304);
  }

  private void waitsAreToldTheNews_sideBySide(String id) throws Exception {
    one.provider.answer(id, Behaviour.json(QUEUED));
    String tag = get("id=" + id, "key-a").headers().firstValue("ETag").orElseThrow();
    List<CompletableFuture<HttpResponse<String>>> waits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waits.add(
          client.sendAsync(
              request("id=" + id + "&wait=30", "key-a", "If-None-Match", tag),
              HttpResponse.BodyHandlers.ofString()));
    }
    await().until(() -> waiters("wait") == 4);
    one.provider.answer(id, Behaviour.json(DRAWING));

    for (CompletableFuture<HttpResponse<String>> wait : waits) {
      assertThat(wait.get(20, TimeUnit.SECONDS).body()).isEqualTo(DRAWING);
    }
  }

  private void streamIsNotHeldBack(Proxy proxy, String id) throws Exception {
    one.provider.answer(id, Behaviour.json(QUEUED));
    HttpResponse<InputStream> stream =
        client.send(
            request(
                "id=" + id, "key-a", "Accept", "text/event-stream", "Accept-Encoding", "gzip, br"),
            HttpResponse.BodyHandlers.ofInputStream());
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(stream.statusCode()).isEqualTo(200);
      assertThat(
              CompletableFuture.supplyAsync(() -> until("data: " + QUEUED, lines))
                  .get(proxy == Proxy.VARNISH ? 15 : 5, TimeUnit.SECONDS))
          .as("the first event; Varnish holds each back until the next one, or a comment")
          .isTrue();
      one.provider.answer(id, Behaviour.json(FINISHED));
      assertThat(until("event: end", lines)).isTrue();
    }
  }

  private static boolean until(String wanted, BufferedReader lines) {
    return lines.lines().anyMatch(wanted::equals);
  }

  private double waiters(String kind) throws Exception {
    double open = 0;
    for (String address : List.of("127.0.0.2", "127.0.0.3")) {
      String metrics =
          client
              .send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://" + address + ":" + managementPort + "/actuator/prometheus"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      open +=
          Pattern.compile("^gateway_waiters\\{kind=\"" + kind + "\"} (.*)$", Pattern.MULTILINE)
              .matcher(metrics)
              .results()
              .mapToDouble(match -> Double.parseDouble(match.group(1)))
              .sum();
    }
    return open;
  }

  /** The status; 0 if the connection broke before an answer. */
  private int status(String parameters) {
    try {
      return get(parameters, "key-a").statusCode();
    } catch (IOException broken) {
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(String parameters, String key, String... headers)
      throws IOException, InterruptedException {
    return client.send(request(parameters, key, headers), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String parameters, String key, String... headers) {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + "/v1/video/query?" + parameters))
            .timeout(Duration.ofSeconds(40))
            .header("Authorization", "Bearer " + key);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request.build();
  }

  /** The document's own lines, with the addresses of this test. */
  private Path file(Proxy proxy, Path place) throws IOException {
    String lines =
        Pattern.compile(
                "^## " + proxy.section + "\n.*?^```\\w+\n(.*?)^```",
                Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("docs/in-front.md")))
            .results()
            .map(block -> block.group(1))
            .findFirst()
            .orElseThrow();
    String here =
        lines
            .replaceAll("\\b8080\\b", Integer.toString(publicPort))
            .replaceAll("\\b8081\\b", Integer.toString(managementPort))
            .replace("GATEWAY1", "127.0.0.2")
            .replace("GATEWAY2", "127.0.0.3");
    String listening = "127.0.0.1:" + port;
    String complete =
        switch (proxy) {
          case NGINX ->
              here.replace("listen 80;", "listen " + listening + ";")
                  .replace("http {", "http {\naccess_log off;");
          case HAPROXY -> here.replace("bind :80", "bind " + listening);
          case APACHE -> apacheModules(place) + here.replace("Listen 80", "Listen " + listening);
          case VARNISH -> here;
          case CADDY -> "{\nadmin off\n}\n" + here.replace("video.example.com", listening);
          case TRAEFIK -> here;
          case ENVOY ->
              here.replace("0.0.0.0, port_value: 80}", "127.0.0.1, port_value: " + port + "}");
        };
    return Files.writeString(place.resolve("configuration.yaml"), complete);
  }

  /** What Debian's own files load. */
  private static String apacheModules(Path place) {
    var lines =
        new StringBuilder(String.format(Locale.ROOT, "ServerName a%nPidFile %s/pid%n", place));
    lines
        .append("DefaultRuntimeDir ")
        .append(place)
        .append("\nErrorLog /dev/stderr\nUser www-data\n");
    for (String module :
        List.of(
            "mpm_event",
            "authz_core",
            "proxy",
            "proxy_http",
            "proxy_balancer",
            "lbmethod_byrequests",
            "slotmem_shm")) {
      lines.append(
          String.format(
              Locale.ROOT,
              "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so%n",
              module,
              module));
    }
    return lines.toString();
  }

  private List<String> arguments(Proxy proxy, Path place, Path file) {
    String path = file.toString();
    String listening = "127.0.0.1:" + port;
    return switch (proxy) {
      case NGINX ->
          List.of(
              "-e", "stderr", "-c", path, "-g", "daemon off; pid " + place.resolve("pid") + ";");
      case HAPROXY -> List.of("-db", "-f", path);
      case APACHE -> List.of("-f", path, "-D", "FOREGROUND");
      case VARNISH ->
          List.of(
              "-F",
              "-j",
              "none",
              "-a",
              listening,
              "-f",
              path,
              "-s",
              "malloc,32m",
              "-n",
              place.resolve("state").toString());
      case CADDY -> List.of("run", "--adapter", "caddyfile", "--config", path);
      case TRAEFIK ->
          List.of("--providers.file.filename=" + path, "--entrypoints.web.address=" + listening);
      case ENVOY -> List.of("-c", path, "--use-dynamic-base-id", "--concurrency", "1");
    };
  }
}
