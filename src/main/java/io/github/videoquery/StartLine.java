package io.github.videoquery;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Logs at the start, in one line, what runs: version, ports, and what each package tells of it. */
@Component
final class StartLine {
  private static final Logger log = LoggerFactory.getLogger(VideoQueryGateway.class);

  private final ObjectProvider<InfoContributor> contributors;
  private final Environment environment;

  StartLine(ObjectProvider<InfoContributor> contributors, Environment environment) {
    this.contributors = contributors;
    this.environment = environment;
  }

  @EventListener(ApplicationReadyEvent.class)
  void ready() {
    var info = new Info.Builder();
    contributors.orderedStream().forEach(contributor -> contributor.contribute(info));
    Map<String, Object> details = info.build().getDetails();
    String management = environment.getProperty("local.management.port");
    log.info(
        "Started Video Query Gateway {} on port {}{}: {}",
        Objects.requireNonNullElse(
            VideoQueryGateway.class.getPackage().getImplementationVersion(), "(not packaged)"),
        environment.getProperty("local.server.port"),
        management == null ? "" : ", management on " + management,
        details.entrySet().stream()
            .map(detail -> detail.getKey() + " " + detail.getValue())
            .collect(Collectors.joining(", ")));
  }
}
