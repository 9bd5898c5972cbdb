package io.github.videoquery.support;

import io.github.videoquery.VideoQueryGateway;
import io.github.videoquery.simulation.SimulatedProvider;
import io.github.videoquery.task.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The whole gateway on a free port, on a clock that the test moves, in front of a simulated
 * provider on the same clock.
 */
public final class GatewayFixture implements AutoCloseable {
  public static final String KEY = "sk-upstream-0123456789";

  public final FakeTime time = new FakeTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));
  public final SimulatedProvider provider;
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ConfigurableApplicationContext context;

  /**
   * @param properties more settings, as {@code name=value}
   */
  public static GatewayFixture start(String... properties) {
    return new GatewayFixture(true, 1, properties);
  }

  /** The same on the system's clock. */
  public static GatewayFixture startInRealTime(String... properties) {
    return new GatewayFixture(false, 1, properties);
  }

  /** The same on the system's clock, with tasks that live so many times as fast. */
  public static GatewayFixture accelerated(double speed, String... properties) {
    return new GatewayFixture(false, speed, properties);
  }

  private GatewayFixture(boolean fake, double speed, String... properties) {
    provider = SimulatedProvider.start(0, fake ? time : InstantSource.system(), speed);
    var application = new SpringApplication(VideoQueryGateway.class);
    if (fake) {
      application.addInitializers(
          starting ->
              ((GenericApplicationContext) starting)
                  .registerBean(
                      FakeTime.class, () -> time, definition -> definition.setPrimary(true)));
    }
    this.context = application.run(arguments(provider.baseUrl(), properties));
  }

  /**
   * The command line of a gateway that can start, with the given settings on top; the last one of a
   * name wins.
   */
  public static String[] arguments(URI upstream, String... properties) {
    Map<String, String> settings = new LinkedHashMap<>();
    Stream<String> standard =
        Stream.of(
            "server.port=0",
            "management.server.port=0",
            "gateway.server.drain-delay=0s",
            "gateway.access.mode=none",
            "gateway.upstream.base-url=" + upstream,
            "gateway.upstream.api-key=" + KEY);
    Stream.concat(standard, Arrays.stream(properties))
        .map(property -> property.split("=", 2))
        .forEach(property -> settings.put(property[0], property[1]));
    return settings.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toArray(String[]::new);
  }

  public int port() {
    return Integer.parseInt(
        Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port")));
  }

  public int managementPort() {
    return Integer.parseInt(
        Objects.requireNonNull(context.getEnvironment().getProperty("local.management.port")));
  }

  public URI query(String parameters) {
    return URI.create("http://127.0.0.1:" + port() + "/v1/video/query?" + parameters);
  }

  public HttpResponse<byte[]> get(String parameters, String... headers)
      throws IOException, InterruptedException {
    return send("GET", query(parameters), headers);
  }

  public HttpResponse<byte[]> send(String method, URI uri, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(
        request.method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  public String prometheus() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + managementPort() + "/actuator/prometheus");
    return new String(send("GET", uri).body(), StandardCharsets.UTF_8);
  }

  /**
   * The sum of the samples of a metric whose labels contain all the given ones; 0 if there is none.
   */
  public double metric(String name, String... labels) throws IOException, InterruptedException {
    Matcher samples =
        Pattern.compile("^" + name + "(?:\\{(.*)\\})? (\\S+)$", Pattern.MULTILINE)
            .matcher(prometheus());
    double sum = 0;
    while (samples.find()) {
      String found = Objects.requireNonNullElse(samples.group(1), "");
      if (Arrays.stream(labels).allMatch(found::contains)) {
        sum += Double.parseDouble(samples.group(2));
      }
    }
    return sum;
  }

  @Override
  public void close() {
    context.close();
    provider.close();
    client.close();
  }

  /** A client's key as the clients file lists it. */
  public static String hash(String key) {
    return "sha256:" + HexFormat.of().formatHex(Sha256.of(key.getBytes(StandardCharsets.UTF_8)));
  }
}
