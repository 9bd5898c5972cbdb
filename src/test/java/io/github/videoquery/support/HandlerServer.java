package io.github.videoquery.support;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.time.TimeSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;

/** Jetty in memory, with some of the gateway's handlers: what they pass on is answered 299. */
public final class HandlerServer implements AutoCloseable {
  public static final int PASSED_ON = 299;

  private final Server server = new Server();
  private volatile boolean unhandled;
  private final LocalConnector connector = new LocalConnector(server);

  public HandlerServer(TimeSource time, List<Handler.Wrapper> handlers) throws Exception {
    Handler next =
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            response.setStatus(PASSED_ON);
            callback.succeeded();
            return true;
          }
        };
    for (Handler.Wrapper handler : handlers.reversed()) {
      handler.setHandler(next);
      next = handler;
    }
    server.setHandler(
        new Handler.Wrapper(next) {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            boolean isQuery = TaskQuery.PATH.equals(request.getHttpURI().getCanonicalPath());
            var exchange = new Exchange("id", isQuery, time.nanoTime(), "");
            request.setAttribute(Exchange.ATTRIBUTE, exchange);
            Callback ending = Callback.from(exchange::ended, callback);
            boolean isHandled = super.handle(request, response, ending);
            unhandled |= !isHandled;
            return isHandled;
          }
        });
    server.addConnector(connector);
    server.start();
  }

  /** Sends a request line with header fields, and waits for the answer. */
  public RawHttp send(String requestLine, String... fields) throws Exception {
    return exchange(requestLine + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", fields);
  }

  /** The same as a client that would send another request on the connection. */
  public RawHttp sendOnKeptConnection(String requestLine, String... fields) throws Exception {
    return exchange(requestLine + " HTTP/1.1\r\nHost: a\r\n", fields);
  }

  private RawHttp exchange(String begin, String... fields) throws Exception {
    String request =
        begin
            + String.join("", List.of(fields).stream().map(field -> field + "\r\n").toList())
            + "\r\n";
    RawHttp answer = RawHttp.parse(connector.getResponse(request));
    if (unhandled) {
      throw new IllegalStateException("A handler answered, and said that it did not");
    }
    return answer;
  }

  /** The same without waiting for the answer. */
  public Future<RawHttp> begin(String requestLine, String... fields) {
    var answer = new CompletableFuture<RawHttp>();
    Executors.newVirtualThreadPerTaskExecutor()
        .execute(
            () -> {
              try {
                answer.complete(send(requestLine, fields));
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
            });
    return answer;
  }

  @Override
  public void close() {
    LifeCycle.stop(server);
  }
}
