package io.github.videoquery.problem;

import org.eclipse.jetty.server.Response;

/** What a problem's document names of the request that it answers. */
public interface ProblemRequest {
  /** The request attribute that holds it. */
  String ATTRIBUTE = "gateway.exchange";

  String requestId();

  /** What a proxy in front takes off the path, {@code /videos}; empty for nothing. */
  String prefix();

  /** That of the response's request; one with a new id if it was refused before it had one. */
  static ProblemRequest of(Response response) {
    return response.getRequest().getAttribute(ATTRIBUTE) instanceof ProblemRequest known
        ? known
        : unread(RequestId.of(response.getHeaders()));
  }

  /** A request of which nothing else is known. */
  static ProblemRequest unread(String requestId) {
    return new Unread(requestId, "");
  }

  /** See {@link #unread}. */
  record Unread(String requestId, String prefix) implements ProblemRequest {}
}
