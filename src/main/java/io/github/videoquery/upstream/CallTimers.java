package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** How long the calls of one account took, by outcome. */
final class CallTimers {
  private final String account;
  private final MeterProvider<Timer> requests;
  private final ConcurrentMap<String, Timer> timers = new ConcurrentHashMap<>();

  CallTimers(String account, MeterProvider<Timer> requests) {
    this.account = account;
    this.requests = requests;
  }

  void record(TaskReply reply, long nanos) {
    timers
        .computeIfAbsent(
            outcome(reply), outcome -> requests.withTags("account", account, "outcome", outcome))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  static String outcome(TaskReply reply) {
    return switch (reply) {
      case Finished _ -> "finished";
      case Failed _ -> "failed";
      case Unfinished _ -> "unfinished";
      case NotFound _ -> "not_found";
      case Refused refused -> refused.refusal().name().toLowerCase(Locale.ROOT);
      case Unreachable unreachable -> unreachable.trouble().name().toLowerCase(Locale.ROOT);
    };
  }
}
