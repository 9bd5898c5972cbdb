package io.github.videoquery.problem;

import org.eclipse.jetty.ee11.webapp.AbstractConfiguration;
import org.eclipse.jetty.ee11.webapp.WebAppContext;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Answers what Jetty refuses by itself with a problem in place of its HTML page. */
@Component
final class ServerProblems implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {

  private final UnreadRequests unread;

  ServerProblems(UnreadRequests unread) {
    this.unread = unread;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    var handler = new ProblemErrorHandler(unread);
    factory.addServerCustomizers(server -> server.setErrorHandler(handler));
    factory.addConfigurations(new ContextErrorHandler(handler));
  }

  /** Runs behind Boot's own configuration of the context, which sets an error handler too. */
  private static final class ContextErrorHandler extends AbstractConfiguration {
    private final ErrorHandler handler;

    ContextErrorHandler(ErrorHandler handler) {
      super(new Builder());
      this.handler = handler;
    }

    @Override
    public void configure(WebAppContext context) {
      context.setErrorHandler(handler);
    }
  }

  private static final class ProblemErrorHandler extends ErrorHandler {
    private final UnreadRequests unread;

    ProblemErrorHandler(UnreadRequests unread) {
      this.unread = unread;
    }

    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int status,
        @Nullable String message,
        @Nullable Throwable cause,
        Callback callback) {
      Problem problem = Problem.ofStatus(status);
      HttpFields.Mutable headers = response.getHeaders();
      if (!headers.contains(RequestId.HEADER)) {
        unread.fields().forEach(headers::put);
      }
      FixedFields.SAFE.forEach(headers::put);
      headers.put(FixedFields.NEVER_CACHED);
      if (!headers.contains(HttpHeader.VARY)) {
        headers.put(HttpHeader.VARY, FixedFields.VARIES_BY);
      }
      problem.writeTo(response, callback);
    }
  }
}
