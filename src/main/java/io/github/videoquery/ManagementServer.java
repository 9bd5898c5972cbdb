package io.github.videoquery;

import io.github.videoquery.edge.Connectors;
import io.github.videoquery.edge.EdgeHandler;
import io.github.videoquery.edge.ExchangeMetrics;
import io.github.videoquery.edge.RequestBodyHandler;
import io.github.videoquery.edge.RequestCheckHandler;
import io.github.videoquery.edge.Traces;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.time.TimeSource;
import java.util.List;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.Compression;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/**
 * Installs on the management port the handlers that refuse and count requests; a scrape is
 * compressed.
 */
final class ManagementServer implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {
  /** Jetty compares all of a type but its charset. */
  private static final String[] COMPRESSED = {
    "text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0", "application/json"
  };

  private final ExchangeMetrics metrics;
  private final TimeSource time;

  ManagementServer(ExchangeMetrics metrics, TimeSource time) {
    this.time = time;
    this.metrics = metrics;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    var compression = new Compression();
    compression.setEnabled(true);
    compression.setMimeTypes(COMPRESSED);
    factory.setCompression(compression);
    factory.addServerCustomizers(
        server -> {
          Connectors.install(server, "", () -> false);
          PublicServer.chain(
              server,
              List.of(
                  new EdgeHandler("", "", request -> "", metrics, Traces.OFF, time),
                  new RequestCheckHandler(),
                  new RequestBodyHandler(),
                  new VirtualThreadHandler()));
        });
  }
}
