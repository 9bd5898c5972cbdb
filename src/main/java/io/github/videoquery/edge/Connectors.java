package io.github.videoquery.edge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Replaces a server's connectors by ones with {@link ClientConnections}, and gives each connection
 * a buffer of its own for what it reads. Jetty 12.1.14 answers a request whose header fields are
 * too large on a second thread, and gives the connection's buffer back to the pool while the first
 * still parses it: bytes of one caller's request then reach another's. A buffer that is not pooled
 * cannot be shared.
 */
public final class Connectors {
  /** Most queries fit; a longer one is read in several steps. */
  private static final int READ_BUFFER_BYTES = 2048;

  /**
   * The longest time without progress, in milliseconds, from a request's head to the answer's end.
   */
  private static final long PROGRESS_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private static final long HEAD_MILLIS = TimeUnit.SECONDS.toMillis(10);

  private static final int MANY_CONNECTIONS = 10_000;

  /** A connection's cache of header fields would take 96 KB of heap, and saves no time. */
  private static final int NO_HEADER_CACHE = 0;

  /** Connections that the kernel completes before they are accepted; with 50, a burst waits 1 s. */
  private static final int ACCEPT_QUEUE = 4096;

  /** With a {@code Host} beside it, an absolute target's authority counts (RFC 9112, 3.2.2). */
  private static final HttpCompliance COMPLIANCE =
      HttpCompliance.RFC9110.with("ABSOLUTE_FORM", HttpCompliance.Violation.MISMATCHED_AUTHORITY);

  private Connectors() {}

  /**
   * Replaces the connectors of a server that has not started. Their idle timeout becomes the time
   * that a connection without a request stays open; 0 is for ever.
   *
   * @param route the path of queries, where spare slashes are ignored
   * @param isDraining whether each answer has to close its connection
   */
  public static void install(Server server, String route, BooleanSupplier isDraining) {
    server.setConnectors(
        Arrays.stream(server.getConnectors())
            .map(connector -> replaced(server, (ServerConnector) connector, route, isDraining))
            .toArray(Connector[]::new));
  }

  private static ServerConnector replaced(
      Server server, ServerConnector shared, String route, BooleanSupplier isDraining) {
    long keepAlive = shared.getIdleTimeout();
    List<ConnectionFactory> factories = new ArrayList<>();
    for (ConnectionFactory factory : shared.getConnectionFactories()) {
      if (factory instanceof HttpConnectionFactory original) {
        HttpConfiguration configuration = original.getHttpConfiguration();
        configuration.setUseInputDirectByteBuffers(false);
        configuration.setHttpCompliance(COMPLIANCE);
        configuration.setHeaderCacheSize(NO_HEADER_CACHE);
        if (!route.isEmpty()) {
          configuration.addCustomizer(new SpareSlashes(route));
        }
        var limits =
            new ClientConnections.Limits(
                keepAlive > 0 ? keepAlive : Long.MAX_VALUE, HEAD_MILLIS, MANY_CONNECTIONS);
        var http = new ClientConnections(configuration, limits, isDraining);
        http.setInputBufferSize(READ_BUFFER_BYTES);
        factories.add(http);
      } else {
        factories.add(factory);
      }
    }
    var unshared =
        new ServerConnector(
            server,
            null,
            null,
            new PooledIfDirect(server.getByteBufferPool()),
            shared.getAcceptors(),
            shared.getSelectorManager().getSelectorCount(),
            factories.toArray(ConnectionFactory[]::new));
    unshared.setDefaultProtocol(shared.getDefaultProtocol());
    unshared.setHost(shared.getHost());
    unshared.setPort(shared.getPort());
    unshared.setIdleTimeout(keepAlive > 0 ? Math.min(PROGRESS_MILLIS, keepAlive) : PROGRESS_MILLIS);
    unshared.setAcceptQueueSize(ACCEPT_QUEUE);
    return unshared;
  }

  /** Requests are read into heap buffers, answers are written from direct ones. */
  private static final class PooledIfDirect extends ByteBufferPool.Wrapper {
    private final ByteBufferPool unpooled = new ByteBufferPool.NonPooling();

    PooledIfDirect(ByteBufferPool pool) {
      super(pool);
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
      return direct ? super.acquire(size, true) : unpooled.acquire(size, false);
    }
  }
}
