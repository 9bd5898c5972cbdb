package io.github.videoquery.support;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** Jetty in memory with one servlet, without Spring. */
public final class ServletServer {
  private ServletServer() {}

  /** What the servlet does. */
  @FunctionalInterface
  public interface Serving {
    void serve(HttpServletRequest request, HttpServletResponse response) throws IOException;
  }

  /** The answer to one request. */
  public static RawHttp answer(Serving serving) throws Exception {
    var server = new Server();
    var connector = new LocalConnector(server);
    server.addConnector(connector);
    var context = new ServletContextHandler();
    context.addServlet(
        new ServletHolder(
            new HttpServlet() {
              @Override
              protected void doGet(HttpServletRequest request, HttpServletResponse response)
                  throws IOException {
                serving.serve(request, response);
              }
            }),
        "/");
    server.setHandler(context);
    server.start();
    try {
      return RawHttp.parse(
          connector.getResponse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    } finally {
      LifeCycle.stop(server);
    }
  }
}
