package io.github.videoquery.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.time.TimeSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

class AccessHandlerTest {
  @Test
  void defect_isCountedUnderItsCaller() throws Exception {
    var registry = new SimpleMeterRegistry();
    var access =
        new AccessHandler(
            null,
            new ClientAddress(List.of()),
            new FailedAttempts(TimeSource.SYSTEM),
            new ClientMetrics(registry));
    access.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            throw new IllegalStateException("A defect of ours");
          }
        });
    var server = new Server(0);
    server.setHandler(
        new Handler.Wrapper(access) {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            request.setAttribute(Exchange.ATTRIBUTE, new Exchange("id", true, 0, ""));
            return super.handle(request, response, callback);
          }
        });
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = server.getURI().resolve("/v1/video/query?id=a");

      int status =
          client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode();

      assertThat(status).isEqualTo(500);
      assertThat(
              registry
                  .get("gateway.client.requests")
                  .tags("client", "anyone", "outcome", "server_error")
                  .counter()
                  .count())
          .isEqualTo(1);
    } finally {
      server.stop();
    }
  }
}
