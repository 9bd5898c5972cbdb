package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.Test;

class ConnectionThreadPoolTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n";
  private static final String LAST = "GET / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n";

  private static final String STARTER = "starter";

  @Test
  void execute_nextRequestOfAConnection_startsOnAVirtualThread() throws Exception {
    List<Boolean> startedVirtually = new CopyOnWriteArrayList<>();
    var server = new Server(new ConnectionThreadPool(new QueuedThreadPool(8)));
    var connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    var handOver = new VirtualThreadHandler();
    handOver.setHandler(
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            var starter = (Thread) request.getAttribute(STARTER);
            await().until(() -> hasLeftTheConnection(starter));
            callback.succeeded();
            return true;
          }
        });
    server.setHandler(
        new Handler.Wrapper(handOver) {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            startedVirtually.add(Thread.currentThread().isVirtual());
            request.setAttribute(STARTER, Thread.currentThread());
            request.setAttribute(Exchange.ATTRIBUTE, new Exchange("id", false, 0, ""));
            return super.handle(request, response, callback);
          }
        });
    server.start();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
      socket
          .getOutputStream()
          .write((REQUEST + REQUEST + LAST).getBytes(StandardCharsets.US_ASCII));
      String answers =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertThat(answers.split("HTTP/1.1 200")).hasSize(4);
      assertThat(startedVirtually).containsExactly(false, true, true);
    } finally {
      server.stop();
    }
  }

  private static boolean hasLeftTheConnection(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .noneMatch(frame -> frame.getClassName().equals(HttpConnection.class.getName()));
  }
}
