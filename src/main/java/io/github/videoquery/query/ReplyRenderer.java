package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.Tasks;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee11.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;

/** Writes an answer to its caller: the provider's bytes untouched, or a problem. */
final class ReplyRenderer {
  /** What the entity tag of a compressed body ends in. */
  static final String GZIP_TAG = "-gzip";

  /** Bodies below this gain nothing from compression that their headers do not take back. */
  private static final int COMPRESS_FROM_BYTES = 1024;

  private static final int MAX_RETRY_AFTER_SECONDS = 30;

  /** Made once: naming a header by a string costs Jetty a look-up each time. */
  private static final HttpField VARY =
      new PreEncodedHttpField(HttpHeader.VARY, "Accept, Accept-Encoding, Origin");

  private static final HttpField NO_CACHE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "private, no-cache");
  private static final HttpField GZIP =
      new PreEncodedHttpField(HttpHeader.CONTENT_ENCODING, "gzip");

  private final Tasks tasks;
  private final QueryMetrics metrics;

  ReplyRenderer(Tasks tasks, QueryMetrics metrics) {
    this.tasks = tasks;
    this.metrics = metrics;
  }

  /**
   * Answers, and counts the answer whether or not the caller still listens.
   *
   * @param start when the question came, by {@link System#nanoTime()}
   */
  void render(
      TaskQuery query,
      Answer answer,
      long start,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    try {
      render(query, answer, request, response);
    } finally {
      metrics.asked(answer, System.nanoTime() - start);
    }
  }

  private void render(
      TaskQuery query, Answer answer, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    HttpFields.Mutable fields =
        ServletContextResponse.getServletContextResponse(response).getHeaders();
    fields.add(new HttpField((HttpHeader) null, "Cache-Status", cacheStatus(answer)));
    fields.add(VARY);
    switch (answer.snapshot().reply()) {
      case Finished finished -> {
        boolean fresh = answer.source() != Answer.Source.STALE;
        fields.add(fresh ? maxAge(answer) : NO_CACHE);
        write(query, answer, finished.body(), request, response, fields);
      }
      case Failed failed -> {
        fields.add(NO_CACHE);
        write(query, answer, failed.body(), request, response, fields);
      }
      case Unfinished unfinished -> {
        fields.add(NO_CACHE);
        fields.add(new HttpField(HttpHeader.RETRY_AFTER, Long.toString(retryAfterSeconds(answer))));
        write(query, answer, unfinished.body(), request, response, fields);
      }
      case NotFound _ -> UpstreamProblems.NOT_FOUND.writeTo(response);
      case Refused refused -> UpstreamProblems.of(refused).writeTo(response);
      case Unreachable unreachable -> UpstreamProblems.of(unreachable).writeTo(response);
    }
  }

  private void write(
      TaskQuery query,
      Answer answer,
      Body body,
      HttpServletRequest request,
      HttpServletResponse response,
      HttpFields.Mutable fields)
      throws IOException {
    fields.add(new HttpField(HttpHeader.AGE, Long.toString(answer.ageSeconds())));
    boolean gzip = body.length() >= COMPRESS_FROM_BYTES && Conditions.acceptsGzip(request);
    String tag = gzip ? '"' + body.tag() + GZIP_TAG + '"' : '"' + body.tag() + '"';
    fields.add(new HttpField(HttpHeader.ETAG, tag));
    if (Conditions.has(request, body.tag())) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    byte[] bytes = gzip ? tasks.gzip(query, answer.snapshot()) : body.bytes();
    if (gzip) {
      fields.add(GZIP);
    }
    response.setContentType("application/json");
    response.setContentLength(bytes.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(bytes);
    }
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
