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
@Order(EdgeFilter.ORDER)
final class EdgeFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(EdgeFilter.class);

  /** Behind the observation, which counts every request; before everything else. */
  static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 5;

  private static final Problem DEFECT = Problem.of(ProblemCode.INTERNAL_ERROR);
  private static final String MDC_KEY = "requestId";

  /** No question needs a body; one that announces more than this is not waited for. */
  private static final long MAX_BODY_BYTES = DataSize.ofMegabytes(1).toBytes();

  private static final Problem BODY_TOO_LARGE =
      Problem.of(ProblemCode.PAYLOAD_TOO_LARGE).withHeader("Connection", "close");

  /** The servlet would answer TRACE by an echo of the request, credentials included. */
  private static final Problem NO_TRACE =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED).withHeader("Allow", "GET, HEAD");

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String requestId = RequestId.orNew(request.getHeader(RequestId.HEADER));
    response.setHeader(RequestId.HEADER, requestId);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    MDC.put(MDC_KEY, requestId);
    try {
      if (request.getMethod().equals("TRACE")) {
        NO_TRACE.writeTo(response);
      } else if (request.getContentLengthLong() > MAX_BODY_BYTES) {
        BODY_TOO_LARGE.writeTo(response);
      } else {
        chain.doFilter(request, response);
      }
    } catch (ServletException | RuntimeException defect) {
      log.error("Unexpected failure", defect);
      DEFECT.writeTo(response);
    } finally {
      MDC.remove(MDC_KEY);
    }
  }
}
