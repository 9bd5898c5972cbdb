package io.github.videoquery;

import io.github.videoquery.edge.EdgeHandler;
import io.github.videoquery.edge.ExchangeMetrics;
import io.github.videoquery.edge.RequestBodyHandler;
import io.github.videoquery.edge.Traces;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.time.TimeSource;
import java.util.List;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** Installs on the management port the handlers that refuse and count requests. */
final class ManagementServer implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {
  private final ExchangeMetrics metrics;
  private final TimeSource time;

  ManagementServer(ExchangeMetrics metrics, TimeSource time) {
    this.time = time;
    this.metrics = metrics;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    factory.addServerCustomizers(
        server ->
            PublicServer.chain(
                server,
                List.of(
                    new EdgeHandler("", "", metrics, Traces.OFF, time),
                    new RequestBodyHandler(),
                    new VirtualThreadHandler())));
  }
}
