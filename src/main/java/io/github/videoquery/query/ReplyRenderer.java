package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.TaskCache;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.BodyMemory;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Writes an answer to its caller: the provider's bytes untouched, or a problem. */
final class ReplyRenderer {
  /** What the entity tag of a compressed body ends in. */
  static final String GZIP_TAG = "-gzip";

  private static final int MAX_RETRY_AFTER_SECONDS = 30;

  /** Made once: naming a header by a string costs Jetty a look-up each time. */
  private static final HttpField NO_CACHE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "private, no-cache");

  private static final HttpField JSON =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json");
  private static final HttpField GZIP =
      new PreEncodedHttpField(HttpHeader.CONTENT_ENCODING, "gzip");

  private final TaskCache tasks;
  private final BodyMemory memory;
  private final QueryMetrics metrics;

  ReplyRenderer(TaskCache tasks, BodyMemory memory, QueryMetrics metrics) {
    this.tasks = tasks;
    this.memory = memory;
    this.metrics = metrics;
  }

  /**
   * Answers without blocking, and counts the answer.
   *
   * @param start when the question came, by {@link System#nanoTime()}
   */
  void render(
      Question question,
      Answer answer,
      long start,
      Request request,
      Response response,
      Callback callback) {
    Rendered rendered = render(question.query(), answer, request, response.getHeaders());
    response.setStatus(rendered.status);
    metrics.answered(question.delivery(), answer, System.nanoTime() - start);
    response.write(
        true,
        rendered.content == null ? null : ByteBuffer.wrap(rendered.content),
        answer.snapshot().reply() instanceof Known known
            ? writing(known.body(), callback)
            : callback);
  }

  private Callback writing(Body body, Callback callback) {
    memory.beginWriting(body);
    return Callback.from(callback, () -> memory.endWriting(body));
  }

  /** The same for a servlet's response. */
  void render(
      Question question, Answer answer, long start, Request request, HttpServletResponse response)
      throws IOException {
    HttpFields.Mutable fields =
        ServletContextResponse.getServletContextResponse(response).getHeaders();
    Rendered rendered = render(question.query(), answer, request, fields);
    response.setStatus(rendered.status);
    metrics.answered(question.delivery(), answer, System.nanoTime() - start);
    if (rendered.content != null) {
      write(rendered.content, answer, response);
    }
  }

  private void write(byte[] content, Answer answer, HttpServletResponse response)
      throws IOException {
    if (!(answer.snapshot().reply() instanceof Known known)) {
      response.getOutputStream().write(content);
      return;
    }
    memory.beginWriting(known.body());
    try {
      response.getOutputStream().write(content);
    } finally {
      memory.endWriting(known.body());
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // travels from one method to the next; never compared
  private record Rendered(int status, byte @Nullable [] content) {
    static Rendered of(Problem problem, HttpFields.Mutable fields) {
      return new Rendered(problem.code().status(), problem.prepare(fields));
    }
  }

  private Rendered render(
      TaskQuery query, Answer answer, Request request, HttpFields.Mutable fields) {
    fields.add(new HttpField((HttpHeader) null, "Cache-Status", cacheStatus(answer)));
    return switch (answer.snapshot().reply()) {
      case Finished finished -> {
        boolean fresh = answer.source() != Answer.Source.STALE;
        fields.put(fresh ? maxAge(answer) : NO_CACHE);
        yield known(query, answer, finished.body(), request, fields);
      }
      case Failed failed -> {
        fields.put(NO_CACHE);
        yield known(query, answer, failed.body(), request, fields);
      }
      case Unfinished unfinished -> {
        fields.put(NO_CACHE);
        fields.add(new HttpField(HttpHeader.RETRY_AFTER, Long.toString(retryAfterSeconds(answer))));
        yield known(query, answer, unfinished.body(), request, fields);
      }
      case NotFound _, Refused _, Unreachable _ ->
          Rendered.of(ProviderProblems.of(answer.snapshot().reply()), fields);
    };
  }

  private Rendered known(
      TaskQuery query, Answer answer, Body body, Request request, HttpFields.Mutable fields) {
    fields.add(new HttpField(HttpHeader.AGE, Long.toString(answer.ageSeconds())));
    boolean mayCompress =
        answer.snapshot().isWorthCompressing() && Conditions.acceptsGzip(request.getHeaders());
    boolean isKnownToCaller = Conditions.has(request.getHeaders(), body.tag());
    byte[] compressed =
        mayCompress && !isKnownToCaller ? tasks.gzip(query, answer.snapshot()) : null;
    boolean gzip = compressed != null || (mayCompress && isKnownToCaller);
    String tag = gzip ? '"' + body.tag() + GZIP_TAG + '"' : '"' + body.tag() + '"';
    fields.add(new HttpField(HttpHeader.ETAG, tag));
    if (isKnownToCaller) {
      return new Rendered(HttpStatus.NOT_MODIFIED_304, null);
    }
    byte[] bytes = compressed != null ? compressed : body.bytes();
    if (gzip) {
      fields.add(GZIP);
    }
    fields.add(contentType(body));
    fields.add(new HttpField.LongValueHttpField(HttpHeader.CONTENT_LENGTH, bytes.length));
    return new Rendered(HttpStatus.OK_200, request.getMethod().equals("HEAD") ? null : bytes);
  }

  /** A charset that the provider states goes along with its bytes. */
  private static HttpField contentType(Body body) {
    return body.charset() == null
        ? JSON
        : new HttpField(
            HttpHeader.CONTENT_TYPE, "application/json;charset=" + body.charset().name());
  }

  private static HttpField maxAge(Answer answer) {
    return new HttpField(HttpHeader.CACHE_CONTROL, "private, max-age=" + answer.lifetimeSeconds());
  }

  /** When asking again can bring something new, in whole seconds. */
  private static long retryAfterSeconds(Answer answer) {
    return Math.clamp(answer.askAgainInSeconds(), 1, MAX_RETRY_AFTER_SECONDS);
  }

  /** How the answer came about (RFC 9211). */
  private static String cacheStatus(Answer answer) {
    String how =
        switch (answer.source()) {
          case HIT -> "hit; ttl=" + Math.max(0, answer.lifetimeSeconds() - answer.ageSeconds());
          case MISS -> "fwd=uri-miss";
          case REFRESH -> "fwd=stale";
          case STALE -> "fwd=stale; detail=stale-if-error";
        };
    return "video-query-gateway; "
        + how
        + (answer.stored() ? "; stored" : "")
        + (answer.collapsed() ? "; collapsed" : "");
  }
}
