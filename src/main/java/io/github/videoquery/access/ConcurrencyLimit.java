package io.github.videoquery.access;

import io.github.videoquery.edge.Exchange;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.problem.ProblemCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Limits the concurrent cache misses. Beyond the limit a query gets what is cached about its task,
 * or is refused at once. Cache hits, long polls and event streams do not reach it. Paths that need
 * no credential have their own limit.
 */
public final class ConcurrencyLimit extends Handler.Wrapper {
  private static final Problem TOO_MANY =
      Problem.retryable(
          ProblemCode.OVERLOADED,
          "The gateway has as many requests in progress as it may. Wait for the time in"
              + " Retry-After.",
          Duration.ofSeconds(5),
          Map.of());

  private static final int MAX_OPEN_TO_ALL = 100;

  private final Semaphore queries;
  private final Semaphore openToAll = new Semaphore(MAX_OPEN_TO_ALL);
  private final Counter refused;
  private Fallback fallback = (_, _, _) -> false;

  /** Answers a query without a call. */
  @FunctionalInterface
  public interface Fallback {
    /** Returns false if there is nothing to answer with. */
    boolean answer(Request request, Response response, Callback callback);
  }

  ConcurrencyLimit(int max, MeterRegistry registry) {
    this.queries = new Semaphore(max);
    Gauge.builder("gateway.requests.in.progress", queries, free -> max - free.availablePermits())
        .description("Concurrent cache misses (long polls and event streams not counted)")
        .register(registry);
    this.refused =
        Counter.builder("gateway.requests.refused")
            .description("Queries refused because too many cache misses were in progress")
            .register(registry);
  }

  /** What answers queries beyond the limit, if it can. */
  public ConcurrencyLimit withFallback(Fallback answering) {
    fallback = answering;
    return this;
  }

  private void refuse(Request request, Response response, Callback callback, boolean isQuery) {
    if (isQuery) {
      Client.of(request).refundMisses(1);
      if (fallback.answer(request, response, callback)) {
        return;
      }
      refused.increment();
    }
    TOO_MANY.writeTo(response, callback);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    boolean isQuery = Exchange.of(request).isQuery();
    Semaphore permits = isQuery ? queries : openToAll;
    if (!permits.tryAcquire()) {
      refuse(request, response, callback, isQuery);
      return true;
    }
    var permit = new Permit(permits, callback);
    try {
      if (super.handle(request, response, permit)) {
        return true;
      }
      permit.completed();
      return false;
    } catch (Throwable defect) {
      permit.completed();
      throw defect;
    }
  }

  private static final class Permit extends Callback.Nested {
    private final Semaphore permits;
    private final AtomicBoolean taken = new AtomicBoolean(true);

    Permit(Semaphore permits, Callback callback) {
      super(callback);
      this.permits = permits;
    }

    @Override
    public void completed() {
      if (taken.compareAndSet(true, false)) {
        permits.release();
      }
    }
  }
}
