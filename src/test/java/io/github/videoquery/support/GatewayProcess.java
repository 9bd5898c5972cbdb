package io.github.videoquery.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The packaged jar as a process of its own, in mode {@code none}. */
public final class GatewayProcess implements AutoCloseable {
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  public final Process process;
  private static final String WARM_UP = "--gateway.server.warm-up=";

  private final int port;
  private final int managementPort;

  /** Where its standard output goes. */
  public enum Output {
    DISCARDED,
    /** Into a pipe that nobody reads. */
    UNREAD
  }

  public GatewayProcess(URI upstream, Output output, List<String> jvm, String... settings) {
    port = freePort();
    managementPort = freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-jar", System.getProperty("packaged.jar")));
    command.addAll(
        List.of(
            "--gateway.access.mode=none",
            "--gateway.server.drain-delay=0s",
            "--gateway.upstream.base-url=" + upstream,
            "--gateway.upstream.api-key=sk-upstream-0123456789",
            "--server.port=" + port,
            "--management.server.port=" + managementPort));
    if (List.of(settings).stream().noneMatch(setting -> setting.startsWith(WARM_UP))) {
      command.add(WARM_UP + "0s"); // saves a second
    }
    command.addAll(List.of(settings));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (output == Output.DISCARDED) {
      builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await().atMost(60, TimeUnit.SECONDS).ignoreExceptions().until(this::isReady);
  }

  private boolean isReady() throws IOException, InterruptedException {
    return send(managementPort, "/actuator/health/readiness").statusCode() == 200;
  }

  public HttpResponse<byte[]> get(String parameters, String... headers)
      throws IOException, InterruptedException {
    return send(port, "/v1/video/query?" + parameters, headers);
  }

  private HttpResponse<byte[]> send(int to, String target, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to + target))
            .timeout(Duration.ofSeconds(60));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** A metric without labels. */
  public double metric(String name) throws IOException, InterruptedException {
    String all =
        new String(send(managementPort, "/actuator/prometheus").body(), StandardCharsets.UTF_8);
    return Pattern.compile("^" + name + " (\\S+)$", Pattern.MULTILINE)
        .matcher(all)
        .results()
        .mapToDouble(match -> Double.parseDouble(match.group(1)))
        .sum();
  }

  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  public static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    client.close();
  }

  /** Starts the packaged jar with nothing of the gateway in its environment but what is given. */
  public static Process jar(Map<String, String> environment, Path log, String... arguments)
      throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder = // without the second compiler, which takes a third of the CPU time of a start
        new ProcessBuilder(
            java, "-XX:TieredStopAtLevel=1", "-jar", System.getProperty("packaged.jar"));
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("UPSTREAM_") || name.startsWith("GATEWAY_"));
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }
}
