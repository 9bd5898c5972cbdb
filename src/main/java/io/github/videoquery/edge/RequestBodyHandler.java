package io.github.videoquery.edge;

import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Reads and ignores a request's body: what is left unread would be taken for the connection's next
 * request. A body of more than 1 MB is refused; one that is not whole after 10 s is not waited for:
 * the query is answered, and the connection closed. No thread waits meanwhile.
 */
public final class RequestBodyHandler extends Handler.Wrapper {
  static final long MAX_BYTES = DataSize.ofMegabytes(1).toBytes();
  static final Problem TOO_LARGE =
      Problem.of(ProblemCode.PAYLOAD_TOO_LARGE).withHeader("Connection", "close");
  private static final long TIMEOUT_SECONDS = 10;

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!RequestCheckHandler.hasBody(request)) {
      return super.handle(request, response, callback);
    }
    new Reading(request, response, callback).run();
    return true;
  }

  private final class Reading implements Invocable.Task {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private Scheduler.@Nullable Task timeout;
    private boolean over;
    private long bytes;

    Reading(Request request, Response response, Callback callback) {
      this.request = request;
      this.response = response;
      this.callback = callback;
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }

    /** Reads what is there; called again when there is more. */
    @Override
    public void run() {
      Runnable answer = read();
      if (answer != null) {
        answer.run();
      }
    }

    /** Locked, as no one may read the connection once the timeout has begun to answer. */
    private synchronized @Nullable Runnable read() {
      while (!over) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          if (timeout == null) { // most requests have no body, and need no timer
            timeout =
                request
                    .getComponents()
                    .getScheduler()
                    .schedule(this::passOnUnread, TIMEOUT_SECONDS, TimeUnit.SECONDS);
          }
          request.demand(this);
          return null;
        }
        if (Content.Chunk.isFailure(chunk)) {
          end();
          return () -> EdgeHandler.fail(request, response, callback, chunk.getFailure());
        }
        bytes += chunk.remaining();
        boolean isLast = chunk.isLast();
        chunk.release();
        if (bytes > MAX_BYTES) {
          end();
          return () -> TOO_LARGE.writeTo(response, callback);
        }
        if (isLast) {
          end();
          return () -> passOn(request);
        }
      }
      return null;
    }

    private synchronized boolean end() {
      if (over) {
        return false;
      }
      over = true;
      if (timeout != null) {
        timeout.cancel();
      }
      return true;
    }

    private void passOnUnread() {
      if (end()) {
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        passOn(new WithoutBody(request));
      }
    }

    private void passOn(Request read) {
      try {
        if (!RequestBodyHandler.super.handle(read, response, callback)) {
          Response.writeError(read, response, callback, 404);
        }
      } catch (Throwable defect) {
        EdgeHandler.fail(request, response, callback, defect);
      }
    }
  }

  /** The request for the next handlers, with an empty body. */
  private static final class WithoutBody extends Request.Wrapper {
    WithoutBody(Request request) {
      super(request);
    }

    @Override
    public long getLength() {
      return 0;
    }

    @Override
    public Content.Chunk read() {
      return Content.Chunk.EOF;
    }

    @Override
    public void demand(Runnable demandCallback) {
      demandCallback.run();
    }
  }
}
