package io.github.videoquery.edge;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.MDC;

/**
 * Takes an exchange from the connection's thread to a virtual thread of its own, where it may wait
 * and where each log line bears its request id.
 */
public final class VirtualThreadHandler extends Handler.Wrapper {
  /** Threads of one name, without inherited values, since each open long poll has one. */
  private static final ThreadFactory THREADS =
      Thread.ofVirtual().name("exchange").inheritInheritableThreadLocals(false).factory();

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    handOver(() -> super.handle(request, response, callback), request, response, callback);
    return true;
  }

  /** {@link Handler#handle} with its arguments given. */
  @FunctionalInterface
  public interface Handling {
    boolean handle() throws Exception;
  }

  /** Has an exchange handled by a virtual thread. */
  public static void handOver(
      Handling handling, Request request, Response response, Callback callback) {
    start(() -> run(handling, request, response, callback));
  }

  /**
   * An executor that starts a virtual thread for each job, with the exchange's trace and request
   * id.
   */
  public static Executor threadsOf(Request request, Response response, Callback callback) {
    return job ->
        handOver(
            () -> {
              job.run();
              return true;
            },
            request,
            response,
            callback);
  }

  static void start(Runnable job) {
    THREADS.newThread(job).start();
  }

  private static void run(
      Handling handling, Request request, Response response, Callback callback) {
    Exchange exchange = Exchange.of(request);
    try (var _ = exchange.trace().makeCurrent();
        var _ = MDC.putCloseable(EdgeHandler.MDC_KEY, exchange.requestId())) {
      if (!handling.handle()) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Throwable defect) {
      EdgeHandler.fail(request, response, callback, defect);
    }
  }
}
