package io.github.videoquery.simulation;

import io.github.videoquery.VideoQueryGateway;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;

/**
 * The gateway on 127.0.0.1:8080 with a simulated provider behind it: {@code ./mvnw
 * spring-boot:test-run}.
 *
 * <p>The annotation only tells that goal which main class to take; the profile keeps component
 * scans from taking it too.
 */
@SpringBootApplication
@Profile("never")
public class Demo {
  private static final double SPEED = 5;

  public static void main(String[] args) {
    SimulatedProvider provider = SimulatedProvider.start(0, InstantSource.system(), SPEED);
    Map<String, String> demo =
        Map.of(
            "gateway.upstream.base-url",
            provider.baseUrl().toString(),
            "gateway.upstream.api-key",
            "sk-simulated-0123456789",
            "gateway.upstream.api-key-file",
            "",
            "gateway.access.mode",
            "none",
            "gateway.server.drain-delay",
            "0s",
            "gateway.page.examples",
            "veo3.1-fast:{now}-demo000005,veo3:{now}-fail000002,"
                + "sora-2:{now}-demo000006,dream-1:{now}-demo000007,veo3:{now}-unknown002",
            "server.address",
            "127.0.0.1",
            "management.server.address",
            "127.0.0.1");
    String[] all =
        Stream.concat(
                demo.entrySet().stream()
                    .filter(setting -> !isGiven(setting.getKey(), args))
                    .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()),
                Arrays.stream(args))
            .toArray(String[]::new);
    SpringApplication application = new SpringApplication(VideoQueryGateway.class);
    Environment environment = application.run(all).getEnvironment();
    print(
        Instant.now().getEpochSecond(),
        "http://127.0.0.1:" + environment.getProperty("local.server.port"),
        "http://127.0.0.1:" + environment.getProperty("local.management.port"));
  }

  private static boolean isGiven(String name, String... args) {
    return Arrays.stream(args).anyMatch(arg -> arg.startsWith("--" + name + "="));
  }

  private static void print(long now, String gateway, String management) {
    String url = "curl -i '" + gateway + "/v1/video/query?id=";
    System.out.printf(
        """

        The gateway answers on %s, where there is a page to look at; a simulated provider stands behind it,
        %.0f times as fast as a real one.

        A task that began just now, and finishes in 50 seconds (repeat the line):
          %sveo3.1-fast:%d-demo000001'
        A finished task, remembered from the second time on (see Cache-Status):
          %sveo3.1-fast:%d-demo000002'
        A task that fails within 25 seconds:
          %sveo3:%d-fail000001'
        Another host's dialect, wrapped, in progress:
          %ssora-2:%d-demo000003'
        A task nobody knows:
          %sveo3:%d-unknown001'
        A provider that answers with HTML (see also sim:hang, sim:reset, sim:rate-limited, …):
          %ssim:html'
        A task in its last ten seconds, told as it goes:
          curl -isN -H 'Accept: text/event-stream' "%s/v1/video/query?id=veo3.1-fast:$(($(date +%%s) - 40))-demo000008"
        A new task, whenever you like:
          curl -i "%s/v1/video/query?id=veo3.1-fast:$(date +%%s)-demo000004"
        Metrics:
          curl -s %s/actuator/prometheus | grep gateway_

        """,
        gateway,
        SPEED,
        url,
        now,
        url,
        now - 300,
        url,
        now,
        url,
        now,
        url,
        now,
        url,
        gateway,
        gateway,
        management);
  }
}
