package io.github.videoquery.support;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A response of Jetty's that keeps what is written to it. */
public final class FakeResponse {
  /** Without attributes. */
  private static final Request REQUEST =
      (Request)
          Proxy.newProxyInstance(
              Request.class.getClassLoader(),
              new Class<?>[] {Request.class},
              (_, method, arguments) -> null);

  public final HttpFields.Mutable fields = HttpFields.build();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private int status;
  private final AtomicInteger writes = new AtomicInteger();
  private int largestWrite;
  private boolean isComplete;
  private volatile @Nullable CompletableFuture<Void> stalled;

  /** The response, with those of its methods that handlers use. */
  public Response response() {
    return (Response)
        Proxy.newProxyInstance(
            Response.class.getClassLoader(),
            new Class<?>[] {Response.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "getHeaders" -> fields;
                  case "getRequest" -> REQUEST;
                  case "getStatus" -> status;
                  case "setStatus" -> {
                    status = (int) arguments[0];
                    yield null;
                  }
                  case "write" -> {
                    write((boolean) arguments[0], (ByteBuffer) arguments[1]);
                    written((Callback) arguments[2]);
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  /**
   * From now on the client reads nothing, so that a write goes on until the callback is completed.
   */
  public Callback stall() {
    var end = new CompletableFuture<Void>();
    stalled = end;
    return Callback.from(() -> end.complete(null), end::completeExceptionally);
  }

  private void written(Callback callback) {
    CompletableFuture<Void> stall = stalled;
    if (stall == null) {
      callback.succeeded();
    } else {
      var _ = stall.whenComplete((_, failure) -> complete(callback, failure));
    }
  }

  private static void complete(Callback callback, @Nullable Throwable failure) {
    if (failure == null) {
      callback.succeeded();
    } else {
      callback.failed(failure);
    }
  }

  private void write(boolean last, ByteBuffer part) {
    writes.incrementAndGet();
    isComplete |= last;
    if (part != null) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      largestWrite = Math.max(largestWrite, bytes.length);
      written.writeBytes(bytes);
    }
  }

  public int status() {
    return status;
  }

  /** How often it was written to. */
  public int writes() {
    return writes.get();
  }

  /** The most bytes that were written at once. */
  public int largestWrite() {
    return largestWrite;
  }

  public boolean isComplete() {
    return isComplete;
  }

  /** What was written since this was called last. */
  public String take() {
    String text = written.toString(StandardCharsets.UTF_8);
    written.reset();
    return text;
  }
}
