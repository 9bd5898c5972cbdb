package io.github.videoquery.edge;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.github.videoquery.problem.RequestId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Gives every exchange its request id, in the answer and in each log line, and the headers that are
 * safe everywhere.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class EdgeFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(EdgeFilter.class);

  private static final Problem DEFECT = Problem.of(ProblemCode.INTERNAL_ERROR);
  private static final String MDC_KEY = "requestId";
  private static final HttpField NO_SNIFFING =
      new PreEncodedHttpField("X-Content-Type-Options", "nosniff");
  private static final HttpField NO_REFERRER =
      new PreEncodedHttpField("Referrer-Policy", "no-referrer");

  /** No question needs a body; one that announces more than this is not waited for. */
  private static final long MAX_BODY_BYTES = DataSize.ofMegabytes(1).toBytes();

  private static final Problem BODY_TOO_LARGE =
      Problem.of(ProblemCode.PAYLOAD_TOO_LARGE).withHeader("Connection", "close");

  /** The servlet would answer TRACE by an echo of the request, credentials included. */
  private static final Problem NO_TRACE =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  private final transient ExchangeMetrics metrics;

  EdgeFilter(ExchangeMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    long start = System.nanoTime();
    String requestId = RequestId.orNew(request.getHeader(RequestId.HEADER));
    HttpFields.Mutable fields =
        ServletContextResponse.getServletContextResponse(response).getHeaders();
    fields.add(new HttpField((HttpHeader) null, RequestId.HEADER, requestId));
    fields.add(NO_SNIFFING);
    fields.add(NO_REFERRER);
    MDC.put(MDC_KEY, requestId);
    Exception defect = null;
    try {
      if (request.getMethod().equals("TRACE")) {
        NO_TRACE.writeTo(response);
      } else if (request.getContentLengthLong() > MAX_BODY_BYTES) {
        BODY_TOO_LARGE.writeTo(response);
      } else {
        chain.doFilter(request, response);
      }
    } catch (ServletException | RuntimeException e) {
      log.error("Unexpected failure", e);
      defect = e;
      DEFECT.writeTo(response);
    } finally {
      metrics.ended(request, response.getStatus(), defect, System.nanoTime() - start);
      MDC.remove(MDC_KEY);
    }
  }
}
