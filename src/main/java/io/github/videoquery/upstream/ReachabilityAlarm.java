package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a warning when an account can no longer be reached, with the cause and the setting to look
 * at, and again when another cause appears. One cause is warned of at most once in 10 s, for a
 * provider can be reached by one of its addresses and not by another. The breaker warns of a
 * provider that answers late.
 */
final class ReachabilityAlarm {
  private static final Logger log = LoggerFactory.getLogger(ReachabilityAlarm.class);
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Set<Trouble> REPORTED =
      EnumSet.of(Trouble.DNS, Trouble.CONNECT, Trouble.TLS, Trouble.PROXY, Trouble.BROKEN);

  /** A connection breaks now and then; so many in a row mean more. */
  private static final int BROKEN_IN_A_ROW = 3;

  private static final int MAX_CAUSES = 20;

  private final String account;
  private final Unreached unreached;
  private final TimeSource time;
  private final AtomicInteger broken = new AtomicInteger();
  private final Map<String, Long> reportedAt = new HashMap<>();
  private volatile @Nullable String reported;

  ReachabilityAlarm(String account, Unreached unreached, TimeSource time) {
    this.account = account;
    this.unreached = unreached;
    this.time = time;
  }

  /**
   * @param failure what the network layer threw; null if the provider answered, whatever it said
   */
  void look(TaskReply reply, @Nullable Throwable failure) {
    if (failure == null) {
      reached();
    } else if (reply instanceof Unreachable none && REPORTED.contains(none.trouble())) {
      if (none.trouble() != Trouble.BROKEN || broken.incrementAndGet() >= BROKEN_IN_A_ROW) {
        report(unreached.why(none.trouble(), failure));
      }
    }
  }

  private synchronized void report(String why) {
    long now = time.nanoTime();
    Long before = reportedAt.get(why);
    if (why.equals(reported) || (before != null && now - before < INTERVAL_NANOS)) {
      return;
    }
    if (reportedAt.size() >= MAX_CAUSES) {
      reportedAt.clear();
    }
    reportedAt.put(why, now);
    reported = why;
    log.atWarn()
        .addKeyValue("account", account)
        .log("The provider cannot be reached (account {}). {}", account, why);
  }

  private void reached() {
    broken.set(0);
    if (reported != null) {
      reported = null;
      log.atWarn()
          .addKeyValue("account", account)
          .log("The provider is reached again (account {})", account);
    }
  }
}
