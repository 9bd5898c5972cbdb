package io.github.videoquery;

import io.github.videoquery.access.AccessHandler;
import io.github.videoquery.access.ConcurrencyLimit;
import io.github.videoquery.edge.AccessLog;
import io.github.videoquery.edge.ConnectionThreadPool;
import io.github.videoquery.edge.Connectors;
import io.github.videoquery.edge.EdgeHandler;
import io.github.videoquery.edge.ExchangeMetrics;
import io.github.videoquery.edge.RequestBodyHandler;
import io.github.videoquery.edge.RequestCheckHandler;
import io.github.videoquery.edge.Traces;
import io.github.videoquery.edge.VirtualThreadHandler;
import io.github.videoquery.query.CacheHitHandler;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Installs Jetty's handlers, which run before Spring MVC: see the package's description. */
@Component
final class PublicServer implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {
  private final AccessLog accessLog;
  private final ExchangeMetrics metrics;
  private final Traces traces;
  private final CrossOriginHandler crossOrigin;
  private final AccessHandler access;
  private final CacheHitHandler cacheHits;
  private final ConcurrencyLimit limit;
  private final Drain drain;
  private final TimeSource time;

  PublicServer(
      AccessLog accessLog,
      ExchangeMetrics metrics,
      Traces traces,
      CrossOriginHandler crossOrigin,
      AccessHandler access,
      CacheHitHandler cacheHits,
      ConcurrencyLimit limit,
      Drain drain,
      TimeSource time) {
    this.accessLog = accessLog;
    this.metrics = metrics;
    this.traces = traces;
    this.crossOrigin = crossOrigin;
    this.access = access;
    this.cacheHits = cacheHits;
    this.limit = limit;
    this.drain = drain;
    this.time = time;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    if (factory.getThreadPool() instanceof QueuedThreadPool threads) {
      factory.setThreadPool(new ConnectionThreadPool(threads));
    }
    factory.addServerCustomizers(
        server -> {
          if (accessLog.isEnabled()) {
            server.setRequestLog(accessLog);
          }
          Connectors.install(server, TaskQuery.PATH, drain::isUnderWay);
          chain(
              server,
              List.of(
                  new EdgeHandler(
                      TaskQuery.PATH,
                      access.variesBy(),
                      access::forwardedPrefix,
                      metrics,
                      traces,
                      time),
                  crossOrigin,
                  new RequestCheckHandler(),
                  access,
                  new RequestBodyHandler(),
                  cacheHits,
                  new VirtualThreadHandler(),
                  limit.withFallback(cacheHits::answerWithoutCall)));
        });
  }

  /** Installs the handlers, outermost first, in front of the server's own. */
  static void chain(Server server, List<Handler.Wrapper> handlers) {
    Handler next = server.getHandler();
    for (Handler.Wrapper handler : handlers.reversed()) {
      handler.setHandler(next);
      next = handler;
    }
    server.setHandler(next);
  }
}
