package io.github.videoquery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * Answers queries before the gateway starts, so that the JVM has compiled their code when the first
 * callers come. For that a second gateway runs in this JVM, on a port of 127.0.0.1 and with a
 * provider of its own. It is closed before the real one begins: settings, keys, provider, metrics,
 * limits and logs of that one take no part.
 */
final class WarmUp implements ApplicationListener<SpringApplicationEvent>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final String SETTING = "gateway.server.warm-up";
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final int CONCURRENT_QUERIES = 32;
  private static final String FINISHED =
      "{\"status\":\"completed\",\"video_url\":\"https://videos.example/v.mp4\",\"prompt\":\""
          + "x".repeat(2000)
          + "\"}";
  private static final String UNFINISHED = FINISHED.replace("completed", "processing");

  private @Nullable RuntimeException failure;
  private volatile long answered;

  /** When the settings are known, and before logging begins: the second gateway logs nothing. */
  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER - 1;
  }

  /** How many queries were answered. */
  long answered() {
    return answered;
  }

  @Override
  public void onApplicationEvent(SpringApplicationEvent event) {
    if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
      Duration length = length(prepared.getEnvironment());
      if (length.isPositive()) {
        run(length);
      }
    } else if (event instanceof ApplicationStartedEvent && failure != null) {
      log.warn("The warm-up failed, so the first queries take longer", failure);
    }
  }

  private static Duration length(ConfigurableEnvironment environment) {
    String text = environment.getProperty(SETTING, "1s");
    Duration length;
    try {
      length = DurationStyle.detectAndParse(text);
    } catch (IllegalArgumentException e) {
      throw invalid(text);
    }
    if (length.isNegative() || length.compareTo(LONGEST) > 0) {
      throw invalid(text);
    }
    return length;
  }

  private static InvalidConfigurationPropertyValueException invalid(String value) {
    return new InvalidConfigurationPropertyValueException(
        SETTING, value, "Give a time from 0s, which switches it off, to 3s.");
  }

  private void run(Duration length) {
    LoopResources threads = LoopResources.create("warm-up", 1, true);
    ConnectionProvider connections = ConnectionProvider.create("warm-up", CONCURRENT_QUERIES);
    DisposableServer provider = null;
    try {
      provider = provider(threads);
      try (ConfigurableApplicationContext gateway = gateway(provider.port())) {
        String port = gateway.getEnvironment().getProperty("local.server.port");
        HttpClient client =
            HttpClient.create(connections).runOn(threads).baseUrl("http://127.0.0.1:" + port);
        Flux.range(0, Integer.MAX_VALUE)
            .flatMap(number -> query(client, number), CONCURRENT_QUERIES)
            .take(length)
            .count()
            .doOnNext(count -> answered = count)
            .block();
      }
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      if (provider != null) {
        provider.disposeNow();
      }
      connections.dispose();
      threads.dispose();
    }
  }

  private static DisposableServer provider(LoopResources threads) {
    return HttpServer.create()
        .host("127.0.0.1")
        .port(0)
        .runOn(threads)
        .handle(
            (request, response) ->
                response
                    .header("Content-Type", "application/json")
                    .sendString(
                        Mono.just(request.uri().contains("finished") ? FINISHED : UNFINISHED)))
        .bindNow();
  }

  private static ConfigurableApplicationContext gateway(int providersPort) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("spring.config.location", "classpath:/");
    settings.put("logging.level.root", "off");
    settings.put("server.address", "127.0.0.1");
    settings.put("server.port", "0");
    settings.put("management.server.address", "127.0.0.1");
    settings.put("management.server.port", "0");
    settings.put("management.metrics.use-global-registry", "false");
    settings.put("gateway.access.mode", "none");
    settings.put("gateway.server.drain-delay", "0s");
    settings.put("gateway.upstream.api-key", "none-is-needed");
    settings.put("gateway.upstream.base-url", "http://127.0.0.1:" + providersPort);
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    environment
        .getPropertySources()
        .remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
    environment.getPropertySources().addFirst(new MapPropertySource("warm-up", settings));
    var application = new SpringApplication(VideoQueryGateway.class);
    application.setEnvironment(environment);
    application.setRegisterShutdownHook(false);
    return application.run();
  }

  /** A hit, of which one in four is compressed, or a miss. */
  private static Mono<?> query(HttpClient client, int number) {
    boolean isHit = number % 2 == 0;
    return client
        .headers(
            headers -> {
              if (number % 8 == 2) {
                headers.set("Accept-Encoding", "gzip");
              }
            })
        .get()
        .uri("/v1/video/query?id=" + (isHit ? "finished" : "task-" + number))
        .responseSingle(
            (response, body) ->
                response.status().code() == 200
                    ? body.asByteArray()
                    : Mono.error(new IllegalStateException("Answered " + response.status())));
  }
}
