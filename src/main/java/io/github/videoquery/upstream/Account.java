package io.github.videoquery.upstream;

import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.time.TimeSource;
import io.github.videoquery.upstream.FairRateLimiter.Permit;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One account at a provider: its address and keys, and the bounds that keep it from starving
 * others.
 */
final class Account {
  private final AccountProperties settings;
  private final String name;
  private final Call call;
  private final Keys keys;
  private final FairRateLimiter rateLimiter;
  private final Bulkhead bulkhead;
  private final Breaker breaker;
  private final TimeSource time;
  private final CallTimers timers;

  Account(
      AccountProperties settings,
      Call call,
      Keys keys,
      FairRateLimiter rateLimiter,
      Bulkhead bulkhead,
      Breaker breaker,
      CallTimers timers,
      TimeSource time) {
    this.time = time;
    this.settings = settings;
    this.name = Objects.requireNonNull(settings.name());
    this.call = call;
    this.keys = keys;
    this.rateLimiter = rateLimiter;
    this.bulkhead = bulkhead;
    this.breaker = breaker;
    this.timers = timers;
  }

  String name() {
    return name;
  }

  /** Opens a connection and closes it, so that the first call is faster. */
  Mono<Void> connect() {
    return call.connect();
  }

  boolean isFor(@Nullable String model) {
    return settings.isFor(model);
  }

  long delayNanos(boolean first) {
    return rateLimiter.delayNanos(first);
  }

  /** Waits for a permit, which {@link #call} and {@link #giveBack} use up. */
  @Nullable Permit acquire(boolean first, Duration timeout) {
    return rateLimiter.acquire(first, timeout);
  }

  void giveBack(Permit permit) {
    rateLimiter.giveBack(permit);
  }

  /**
   * Calls with the first key the provider accepts.
   *
   * @param timeout the longest time for all of it
   * @param isRefresh whether the gateway knows the task
   * @param mayQueue whether it may wait for one of the concurrent calls, and may have any of them
   * @param held holds the body that the call brings
   */
  TaskReply call(
      TaskQuery query, Duration timeout, boolean isRefresh, boolean mayQueue, HeldBodies held) {
    var request = new Request(query, isRefresh, time.nanoTime() + timeout.toNanos(), held);
    return mayQueue
        ? bulkhead.guard(timeout, () -> askWithEachKey(request))
        : bulkhead.guardRefresh(() -> askWithEachKey(request));
  }

  private record Request(TaskQuery query, boolean isRefresh, long deadline, HeldBodies held) {}

  private TaskReply askWithEachKey(Request request) {
    List<Key> candidates = keys.candidates();
    TaskReply reply = askWith(candidates, request);
    return rejectsKey(reply) && keys.replaced(candidates.getLast()) && mayCallOnceMore(request)
        ? askWith(keys.candidates(), request)
        : reply;
  }

  private TaskReply askWith(List<Key> candidates, Request request) {
    TaskReply reply = ask(request, candidates.getFirst());
    for (Key key : candidates.subList(1, candidates.size())) {
      if (!rejectsKey(reply) || !mayCallOnceMore(request)) {
        break;
      }
      reply = ask(request, key);
    }
    return reply;
  }

  private TaskReply ask(Request request, Key key) {
    TaskReply reply = breaker.guard(request.isRefresh(), () -> timed(request, key));
    if (reply instanceof Refused refused && rejectsKey(refused)) {
      key.rejected(CallTimers.outcome(refused));
    } else if (reply instanceof Known || reply instanceof NotFound) {
      key.accepted();
    }
    return reply;
  }

  private static boolean rejectsKey(TaskReply reply) {
    return reply instanceof Refused refused
        && (refused.refusal() == Refusal.CREDENTIALS || refused.refusal() == Refusal.QUOTA);
  }

  private TaskReply timed(Request request, Key key) {
    long start = time.nanoTime();
    TaskReply reply =
        call.make(
            request.query(),
            key.key(),
            request.deadline(),
            () -> mayCallOnceMore(request),
            request.held());
    timers.record(reply, time.nanoTime() - start);
    return reply;
  }

  /** A further request waits for a permit of its own. */
  private boolean mayCallOnceMore(Request request) {
    long left = request.deadline() - time.nanoTime();
    return left > 0 && rateLimiter.acquire(true, Duration.ofNanos(left)) != null;
  }
}
