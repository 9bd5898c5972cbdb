package io.github.videoquery.query;

import io.github.videoquery.cache.Answer;
import io.github.videoquery.cache.CacheEntry;
import io.github.videoquery.problem.HttpReply;
import io.github.videoquery.problem.ProblemRequest;
import io.github.videoquery.task.Body;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/**
 * Makes the HTTP response for an answer: the provider's bytes untouched, or a problem. It alone
 * decides about HEAD, 304 and gzip, and writes nothing.
 */
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

  private final Compressor compressor;

  ReplyRenderer(Compressor compressor) {
    this.compressor = compressor;
  }

  /** {@link io.github.videoquery.cache.TaskCache#gzip}. */
  @FunctionalInterface
  interface Compressor {
    /** The body compressed by gzip; null if there is no memory to compress it in. */
    byte @Nullable [] gzip(TaskQuery query, CacheEntry entry);
  }

  /**
   * @param asked what a problem names of the request
   */
  HttpReply render(TaskQuery query, Answer answer, RequestFields request, ProblemRequest asked) {
    List<HttpField> fields = new ArrayList<>(8);
    fields.add(new HttpField((HttpHeader) null, "Cache-Status", cacheStatus(answer)));
    return switch (answer.entry().reply()) {
      case Finished finished -> {
        fields.add(answer.isStale() ? NO_CACHE : maxAge(answer));
        yield known(query, answer, finished.body(), request, fields);
      }
      case Failed failed -> {
        fields.add(NO_CACHE);
        yield known(query, answer, failed.body(), request, fields);
      }
      case Unfinished unfinished -> {
        fields.add(NO_CACHE);
        if (!answer.entry().isEnded()) {
          fields.add(retryAfter(answer));
        }
        yield known(query, answer, unfinished.body(), request, fields);
      }
      case NotFound _, Refused _, Unreachable _ -> {
        HttpReply problem = ProviderProblems.of(answer.entry().reply()).reply(asked);
        fields.addAll(problem.fields());
        yield new HttpReply(problem.status(), fields, problem.body());
      }
    };
  }

  private HttpReply known(
      TaskQuery query, Answer answer, Body body, RequestFields request, List<HttpField> fields) {
    fields.add(new HttpField(HttpHeader.AGE, Long.toString(answer.ageSeconds())));
    boolean mayCompress = answer.entry().isWorthCompressing() && request.acceptsGzip();
    boolean isKnownToCaller = request.has(body.tag());
    byte[] compressed =
        mayCompress && !isKnownToCaller ? compressor.gzip(query, answer.entry()) : null;
    boolean gzip = compressed != null || (mayCompress && isKnownToCaller);
    String tag = gzip ? '"' + body.tag() + GZIP_TAG + '"' : '"' + body.tag() + '"';
    fields.add(new HttpField(HttpHeader.ETAG, tag));
    if (isKnownToCaller) {
      return new HttpReply(HttpStatus.NOT_MODIFIED_304, fields, null);
    }
    byte[] bytes = compressed != null ? compressed : body.bytes();
    if (gzip) {
      fields.add(GZIP);
    }
    fields.add(contentType(body));
    fields.add(new HttpField.LongValueHttpField(HttpHeader.CONTENT_LENGTH, bytes.length));
    return new HttpReply(HttpStatus.OK_200, fields, request.isHead() ? null : bytes);
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
  private static HttpField retryAfter(Answer answer) {
    long seconds = Math.clamp(answer.askAgainInSeconds(), 1, MAX_RETRY_AFTER_SECONDS);
    return new HttpField(HttpHeader.RETRY_AFTER, Long.toString(seconds));
  }

  /** How the answer came about (RFC 9211). */
  private static String cacheStatus(Answer answer) {
    String how =
        switch (answer.source()) {
          case HIT -> "hit; ttl=" + Math.max(0, answer.lifetimeSeconds() - answer.ageSeconds());
          case MISS -> "fwd=uri-miss";
          case REFRESH -> "fwd=stale";
          case STALE -> "fwd=stale; detail=stale-if-error";
          case STALE_WHILE_REVALIDATE ->
              "hit; ttl=" + answer.ttlSeconds() + "; detail=stale-while-revalidate";
        };
    return "video-query-gateway; "
        + how
        + (answer.stored() ? "; stored" : "")
        + (answer.collapsed() ? "; collapsed" : "");
  }
}
