package io.github.videoquery.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A problem document (RFC 9457) with the {@code error} member that clients of this API family read:
 * many show nothing but its message, which therefore holds title and detail. Its bytes are made
 * once, so that answering with a constant problem is cheap.
 */
public final class Problem {
  public static final String MEDIA_TYPE = "application/problem+json";

  /** An answer may have been begun when the problem arose. */
  private static final List<String> FIELDS_TO_REMOVE =
      List.of("ETag", "Age", "Content-Encoding", "Retry-After");

  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");
  private static final HttpField CONTENT_TYPE =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);

  private static final Map<ProblemCode, Problem> BY_CODE =
      Stream.of(ProblemCode.values())
          .collect(Collectors.toUnmodifiableMap(code -> code, Problem::standard));

  private final ProblemCode code;
  private final Map<String, String> headers;
  private final ProblemDocument document;

  private Problem(
      ProblemCode code, String detail, Map<String, Integer> members, Map<String, String> headers) {
    this(code, headers, new ProblemDocument(code, detail, members));
  }

  /** This kind of problem, with the detail that fits all its causes. */
  public static Problem of(ProblemCode code) {
    return of(code, code.remedy());
  }

  private static Problem standard(ProblemCode code) {
    return code.status() == 503
        ? retryable(code, code.remedy(), Duration.ofSeconds(5), Map.of())
        : of(code);
  }

  /**
   * The problem for a refusal that is known only by its HTTP status: the server's and the
   * framework's own.
   */
  static Problem ofStatus(int status) {
    return Objects.requireNonNull(BY_CODE.get(ProblemCode.ofStatus(status)));
  }

  /**
   * @param detail a sentence for the caller: what is wrong and what to do
   */
  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code, detail, Map.of(), Map.of());
  }

  /** This kind of problem after a provider's answer with the given HTTP status. */
  public static Problem ofUpstream(ProblemCode code, String detail, int upstreamStatus) {
    Map<String, Integer> members =
        upstreamStatus == 0 ? Map.of() : Map.of("upstreamStatus", upstreamStatus);
    return new Problem(code, detail, members, Map.of());
  }

  /**
   * This kind of problem, worth another try after a time (whole seconds, rounded up, at least 1).
   */
  public static Problem retryable(
      ProblemCode code, String detail, Duration retryAfter, Map<String, Integer> members) {
    int seconds = (int) Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    var all = new TreeMap<>(members);
    all.put("retryAfter", seconds);
    return new Problem(code, detail, all, Map.of("Retry-After", Integer.toString(seconds)));
  }

  /** The same problem, answered with one header more. */
  public Problem withHeader(String name, String value) {
    var all = new TreeMap<>(headers);
    all.put(name, value);
    return new Problem(code, all, document);
  }

  private Problem(ProblemCode code, Map<String, String> headers, ProblemDocument document) {
    this.code = code;
    this.headers = headers;
    this.document = document;
  }

  public ProblemCode code() {
    return code;
  }

  /** The document, complete with what it names of the request it answers. */
  public byte[] document(ProblemRequest request) {
    return document.bytes(request);
  }

  /** The response that tells this problem, which is counted. */
  public HttpReply reply(ProblemRequest request) {
    ProblemCounters.count(code);
    byte[] bytes = document(request);
    var length = new HttpField.LongValueHttpField(HttpHeader.CONTENT_LENGTH, bytes.length);
    List<HttpField> fields = new ArrayList<>(List.of(NO_STORE, CONTENT_TYPE, length));
    headers.forEach((name, value) -> fields.add(new HttpField(name, value)));
    return new HttpReply(code.status(), fields, bytes);
  }

  /** Answers the request with this problem, without blocking. */
  public void writeTo(Response response, Callback callback) {
    replacingAnswer(response).writeTo(response, callback);
  }

  /** Answers the request with this problem; a response that has begun is left alone. */
  public void writeTo(HttpServletResponse response) throws IOException {
    if (response.isCommitted()) {
      return;
    }
    response.resetBuffer();
    replacingAnswer(ServletContextResponse.getServletContextResponse(response)).writeTo(response);
  }

  private HttpReply replacingAnswer(Response response) {
    FIELDS_TO_REMOVE.forEach(response.getHeaders()::remove);
    return reply(ProblemRequest.of(response));
  }
}
