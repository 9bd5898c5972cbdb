package io.github.videoquery.edge;

import java.util.Arrays;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Gives each connection a buffer of its own for what it reads. Jetty 12.1.14 answers a request
 * whose header fields are too large on a second thread, and gives the connection's buffer back to
 * the pool while the first still parses it: bytes of one caller's request then reach another's. A
 * buffer that is not pooled cannot be shared.
 */
public final class UnsharedBuffers {
  /** Most queries fit; a longer one is read in several steps. */
  private static final int READ_BUFFER_BYTES = 2048;

  private UnsharedBuffers() {}

  /** Replaces the connectors of a server that has not started. */
  public static void install(Server server) {
    server.setConnectors(
        Arrays.stream(server.getConnectors())
            .map(connector -> unshared(server, (ServerConnector) connector))
            .toArray(Connector[]::new));
  }

  private static ServerConnector unshared(Server server, ServerConnector shared) {
    for (ConnectionFactory factory : shared.getConnectionFactories()) {
      if (factory instanceof HttpConnectionFactory http) {
        http.getHttpConfiguration().setUseInputDirectByteBuffers(false);
        http.setInputBufferSize(READ_BUFFER_BYTES);
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
            shared.getConnectionFactories().toArray(ConnectionFactory[]::new));
    unshared.setDefaultProtocol(shared.getDefaultProtocol());
    unshared.setHost(shared.getHost());
    unshared.setPort(shared.getPort());
    unshared.setIdleTimeout(shared.getIdleTimeout());
    unshared.setAcceptQueueSize(shared.getAcceptQueueSize());
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
