package io.github.videoquery.edge;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's connections with three timeouts. Between requests a connection stays open for long, since
 * a load balancer that reuses it in the moment of our close would lose a request. A request's head
 * has to be complete soon after its first byte. From there to the end of the answer the connector's
 * idle timeout counts. While the service drains, each answer has {@code Connection: close}.
 */
final class ClientConnections extends HttpConnectionFactory {
  final Limits limits;
  private final BooleanSupplier isDraining;
  private final ProxyPreamble preamble = new ProxyPreamble();

  /**
   * @param keepAliveMillis how long a connection without a request stays open; looked at each idle
   *     timeout of the connector
   * @param headMillis the longest time from the first byte of a request to the end of its head
   * @param manyConnections with more connections open, those without a request are closed at the
   *     connector's idle timeout
   */
  record Limits(long keepAliveMillis, long headMillis, int manyConnections) {}

  ClientConnections(HttpConfiguration http, Limits limits, BooleanSupplier isDraining) {
    super(http);
    this.limits = limits;
    this.isDraining = isDraining;
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return configure(new ClientConnection(connector, endPoint), connector, endPoint);
  }

  /** The fields that the super constructor's calls set have no initializers. */
  private final class ClientConnection extends HttpConnection {
    private HttpParser.@Nullable RequestHandler handler;
    private final HeadTimeout head;
    private long requestsBefore;
    private long idleSince;

    ClientConnection(Connector connector, EndPoint endPoint) {
      super(ClientConnections.this.getHttpConfiguration(), connector, endPoint);
      this.head = new HeadTimeout(endPoint, limits.headMillis());
      this.idleSince = NanoTime.now();
    }

    @Override
    protected RequestHandler newRequestHandler() {
      RequestHandler made =
          new RequestHandler() {
            @Override
            public boolean headerComplete() {
              head.end();
              return super.headerComplete();
            }

            @Override
            public void badMessage(HttpException failure) {
              head.end();
              super.badMessage(failure);
            }
          };
      handler = made;
      return made;
    }

    @Override
    protected HttpParser newHttpParser(HttpCompliance compliance) {
      HttpConfiguration http = getHttpConfiguration();
      var parser =
          new HttpParser(handler, http.getRequestHeaderSize(), compliance) {
            @Override
            public boolean parseNext(ByteBuffer bytes) {
              if (isStart() && getMessagesIn() == 0) {
                preamble.look(bytes, getEndPoint());
              }
              return super.parseNext(bytes);
            }
          };
      parser.setHeaderCacheSize(http.getHeaderCacheSize());
      parser.setHeaderCacheCaseSensitive(http.isHeaderCacheCaseSensitive());
      return parser;
    }

    @Override
    protected HttpStreamOverHTTP1 newHttpStream(String method, String uri, HttpVersion version) {
      return new HttpStreamOverHTTP1(method, uri, version) {
        @Override
        public void prepareResponse(HttpFields.Mutable fields) {
          if (isDraining.getAsBoolean()) {
            fields.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
          }
          super.prepareResponse(fields);
        }
      };
    }

    /** Called when a read found nothing more, before another thread may read on. */
    @Override
    public void fillInterested(Callback callback) {
      HttpParser parser = getParser();
      if (parser.inHeaderState() && !parser.isStart()) {
        head.begin(getConnector().getScheduler(), parser.getBeginNanoTime());
      }
      super.fillInterested(callback);
    }

    @Override
    public void onClose(Throwable cause) {
      head.end();
      super.onClose(cause);
    }

    /** Comes again and again, each time the connector's timeout has passed. */
    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
      boolean isBetweenRequests = getHttpChannel().getRequest() == null && getParser().isStart();
      if (!isBetweenRequests || getEndPoint().isOutputShutdown() || getConnector().isShutdown()) {
        return super.onIdleExpired(timeout);
      }
      if (getMessagesIn() != requestsBefore) {
        requestsBefore = getMessagesIn();
        idleSince = NanoTime.now() - TimeUnit.MILLISECONDS.toNanos(getEndPoint().getIdleTimeout());
      }
      return NanoTime.millisSince(idleSince) >= limits.keepAliveMillis()
          || getConnector().getConnectedEndPoints().size() > limits.manyConnections();
    }
  }
}
